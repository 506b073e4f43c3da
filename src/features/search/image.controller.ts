import { Controller, Get, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import {
  imagePage,
  type ImageQuery,
  imageQuery,
  type ImageResponse,
  type ImageUseQuery,
  imageUseQuery,
} from './image.schema.js';
import { ImageService } from './image.service.js';
import { type SearchPage, searchPage } from './search.schema.js';
import { SearchAnswers } from './search-answers.js';

@Tag('search')
@Controller('api/v1/images')
export class ImageController {
  constructor(
    private readonly images: ImageService,
    private readonly searches: SearchAnswers,
  ) {}

  @Get()
  @Endpoint({
    permission: 'packages.read',
    summary: 'List images',
    description: 'Container images that the latest publications name, by name and version.',
    returns: imagePage,
    problems: ['queryTooExpensive'],
  })
  async listImages(
    @Query({ schema: imageQuery }) query: ImageQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<ImageResponse>> {
    const visible = caller.visibility('packages.read');
    return listPage(
      query,
      'images',
      (filter, part) => this.images.list(filter, visible, part),
      (image) => image,
    );
  }

  @Get('uses')
  @Endpoint({
    permission: 'packages.read',
    summary: 'Find where an image is used',
    description: 'The objects of the latest publications that name an image.',
    returns: searchPage,
    problems: ['queryTooExpensive'],
  })
  async listImageUses(
    @Query({ schema: imageUseQuery }) { image, ...page }: ImageUseQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<SearchPage> {
    return this.searches.answer({ query: `image = ${JSON.stringify(image)}`, ...page }, caller);
  }
}
