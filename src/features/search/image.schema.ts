import { z } from 'zod';
import { count, nullableText, pageOf } from '../../http/schema/fields.js';
import { listQuery, textFilter } from '../../http/schema/query.js';
import { text } from '../../http/schema/text.js';
import { tagKey } from '../../krm/image-reference.js';
import { SEARCH_SORTS } from './hit.sql.js';
import type { ImageFilter } from './image.filter.js';

const imageResponse = z
  .strictObject({
    image: z.string().meta({ description: 'The whole reference.', examples: ['docker.io/library/nginx:1.25'] }),
    registry: z.string().meta({ description: 'Where it is.', examples: ['docker.io'] }),
    repository: z.string().meta({ description: 'Its name there.', examples: ['library/nginx'] }),
    tag: nullableText('Its tag; `latest` where neither a tag nor a digest is written.', '1.25'),
    digest: nullableText('Its digest.', `sha256:${'4e'.repeat(32)}`),
    objects: count('How many objects name it.', 3),
    packages: count('In how many packages.', 2),
    targets: count('For how many targets.', 2),
  })
  .meta({ id: 'Image', description: 'A container image that the latest publications name.' });

export type ImageResponse = z.output<typeof imageResponse>;

export const imagePage = pageOf('ImagePage', 'images', imageResponse);

const below = text(128)
  .refine((value) => tagKey(value) !== null, { error: 'A version is expected, such as 1.27 or v1.27.3.' })
  .optional()
  .meta({ description: 'Only tags that are versions before this one.', examples: ['1.27'] });

export const imageQuery = listQuery<ImageFilter>(
  {
    registry: textFilter(255, 'Only of this registry.', 'docker.io'),
    repository: textFilter(255, 'Only of this name in the registry.', 'library/nginx'),
    tag: textFilter(128, 'Only with this tag.', '1.25'),
    digest: textFilter(255, 'Only with this digest.', `sha256:${'4e'.repeat(32)}`),
    below,
    q: textFilter(255, 'Only with this in the reference.', 'nginx'),
  },
  { image: [] },
);

export type ImageQuery = z.output<typeof imageQuery>;

export const imageUseQuery = listQuery<{ image: string }>(
  {
    image: text(512)
      .min(1)
      .meta({ description: 'An image, written in any way.', examples: ['nginx:1.25'] }),
  },
  SEARCH_SORTS,
);

export type ImageUseQuery = z.output<typeof imageUseQuery>;
