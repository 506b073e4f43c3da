import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { Part } from '../../domain/list.js';
import type { Precondition } from '../../domain/precondition.js';
import { AcceptedType } from '../../http/accepted-type.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { IfMatch } from '../../http/if-match.js';
import { Tag } from '../../http/openapi/tags.js';
import type { RawContent } from '../../http/reply.js';
import { pathId } from '../../http/schema/fields.js';
import { listPage, type Page } from '../../http/schema/pagination.js';
import { toMarkdownContent } from '../package-diffs/package-diff.view.js';
import { type RevisionResponse, revisionResponse } from '../package-revisions/package-revision.schema.js';
import { toRevisionDetailResponse } from '../package-revisions/package-revision.view.js';
import type { PreviewFilter } from './upgrade-preview.filter.js';
import { toPreviewMarkdown } from './upgrade-preview.markdown.js';
import {
  type PreviewApplyRequest,
  previewApplyRequest,
  type PreviewCreateRequest,
  previewCreateRequest,
  type PreviewItem,
  previewPage,
  type PreviewPatchRequest,
  previewPatchRequest,
  type PreviewQuery,
  previewQuery,
  type PreviewResponse,
  previewResponse,
} from './upgrade-preview.schema.js';
import { UpgradePreviewService } from './upgrade-preview.service.js';
import { toPreviewItem, toPreviewResponse } from './upgrade-preview.view.js';

const id = pathId('upgrade preview');

@Tag('upgrades')
@Controller('api/v1')
export class UpgradePreviewController {
  constructor(private readonly previews: UpgradePreviewService) {}

  @Post('package-revisions/:id/upgrade-previews')
  @Endpoint({
    permission: 'packageRevisions.create',
    summary: 'Preview an upgrade',
    description:
      'Merges what the new revision of the upstream changes into a published revision, or into a folder of a draft, and tells what is taken, what is kept ' +
      'and what is in conflict. The preview is kept for a day.',
    returns: previewResponse,
    created: 'upgrade-previews',
    problems: [
      ...(['stateConflict', 'upToDate', 'baseGone', 'otherPackage', 'oursChanged'] as const),
      ...(['invalidPackage', 'packageTooLarge'] as const),
    ],
  })
  async createUpgradePreview(
    @Param('id', { schema: pathId('package revision') }) revisionId: string,
    @Body({ schema: previewCreateRequest }) { to, ...request }: PreviewCreateRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<PreviewResponse | RawContent> {
    return toPreviewResponse(await this.previews.create(revisionId, { upstream: to, ...request }, caller));
  }

  @Get('upgrade-previews')
  @Endpoint({
    permission: 'packages.read',
    summary: 'List previews of upgrades',
    description: 'Those that are kept, newest first, without what they give.',
    returns: previewPage,
  })
  async listUpgradePreviews(
    @Query({ schema: previewQuery }) query: PreviewQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<PreviewItem>> {
    const find = (filter: PreviewFilter, part: Part) => this.previews.list(filter, caller, part);
    return listPage(query, 'upgrade-previews', find, toPreviewItem);
  }

  @Get('upgrade-previews/:id')
  @Endpoint({
    permission: 'packages.read',
    summary: 'Get a preview of an upgrade',
    description:
      'What an upgrade would give, with its conflicts. `text/markdown` is for a review, and tells who set what is in conflict.',
    returns: previewResponse,
    alsoProduces: ['text/markdown'],
  })
  async getUpgradePreview(
    @Param('id', { schema: id }) previewId: string,
    @AcceptedType() type: string,
    @CurrentCaller() caller: Caller,
  ): Promise<PreviewResponse | RawContent> {
    if (type === 'text/markdown') {
      const { preview, blame } = await this.previews.review(previewId, caller);
      return toMarkdownContent(toPreviewMarkdown(preview, blame));
    }
    return toPreviewResponse(await this.previews.get(previewId, caller));
  }

  @Patch('upgrade-previews/:id')
  @Endpoint({
    permission: 'packageRevisions.create',
    summary: 'Resolve conflicts of an upgrade',
    description: 'Sets how conflicts are settled, and merges again.',
    returns: previewResponse,
    problems: ['stateConflict', 'invalidPackage', 'packageTooLarge'],
  })
  async updateUpgradePreview(
    @Param('id', { schema: id }) previewId: string,
    @Body({ schema: previewPatchRequest }) body: PreviewPatchRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<PreviewResponse | RawContent> {
    return toPreviewResponse(await this.previews.settle(previewId, body, caller, seen));
  }

  @Post('upgrade-previews/:id/apply')
  @Endpoint({
    permission: 'packageRevisions.create',
    summary: 'Apply an upgrade',
    description:
      'Begins a draft with exactly the content that was previewed. A subpackage is put into the draft that holds it.',
    returns: revisionResponse,
    shows: ['draft'],
    created: 'package-revisions',
    problems: [
      ...([
        'stateConflict',
        'unresolvedConflicts',
        'contentChanged',
        'operationInProgress',
        'packageTooLarge',
        'alreadyExists',
        'nameConflict',
        'headDiffers',
      ] as const),
    ],
  })
  async applyUpgradePreview(
    @Param('id', { schema: id }) previewId: string,
    @Body({ schema: previewApplyRequest }) { workspace }: PreviewApplyRequest,
    @IfMatch() seen: Precondition,
    @CurrentCaller() caller: Caller,
  ): Promise<RevisionResponse> {
    return toRevisionDetailResponse(await this.previews.apply(previewId, workspace, caller, seen), caller);
  }
}
