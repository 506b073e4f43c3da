import { Controller, Get, Param, Query } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { AcceptedType } from '../../http/accepted-type.js';
import { CurrentCaller } from '../../http/actor.js';
import { Endpoint } from '../../http/endpoint.js';
import { Tag } from '../../http/openapi/tags.js';
import type { RawContent } from '../../http/reply.js';
import { pathId } from '../../http/schema/fields.js';
import type { PageRequest } from '../../http/schema/query.js';
import type { DiffFilter } from './diff-filter.js';
import { toMarkdown } from './package-diff.markdown.js';
import {
  type DiffBetweenQuery,
  diffBetweenQuery,
  type DiffQuery,
  diffQuery,
  diffResponse,
  type DiffResponse,
} from './package-diff.schema.js';
import { PackageDiffService, type Sides } from './package-diff.service.js';
import { toDiffResponse, toMarkdownContent, toPatchContent } from './package-diff.view.js';

const id = pathId('package revision');
const FORMATS = ['text/markdown', 'text/x-diff'];

@Tag('package-contents')
@Controller('api/v1/package-revisions')
export class PackageDiffController {
  constructor(private readonly diffs: PackageDiffService) {}

  @Get('diff')
  @Endpoint({
    permission: 'packages.read',
    summary: 'Compare two revisions',
    description: 'As `getPackageDiff`, of any two revisions.',
    returns: diffResponse,
    alsoProduces: FORMATS,
    problems: ['notFound', 'packageTooLarge'],
  })
  async comparePackages(
    @Query({ schema: diffBetweenQuery }) { from, to, ...part }: DiffBetweenQuery,
    @AcceptedType() type: string,
    @CurrentCaller() caller: Caller,
  ): Promise<DiffResponse | RawContent> {
    return this.answer(await this.diffs.sidesBetween(from, to, caller), part, type, caller);
  }

  @Get(':id/diff')
  @Endpoint({
    permission: 'packages.read',
    summary: 'Compare a revision',
    description:
      'What differs, field by field, and what that means. `text/markdown` is for a review, `text/x-diff` for `git apply`.',
    returns: diffResponse,
    alsoProduces: FORMATS,
    problems: ['packageTooLarge'],
  })
  async getPackageDiff(
    @Param('id', { schema: id }) revisionId: string,
    @Query({ schema: diffQuery }) { against, ...part }: DiffQuery,
    @AcceptedType() type: string,
    @CurrentCaller() caller: Caller,
  ): Promise<DiffResponse | RawContent> {
    return this.answer(await this.diffs.sidesOf(revisionId, against, caller), part, type, caller);
  }

  private async answer(
    sides: Sides,
    part: DiffFilter & PageRequest,
    type: string,
    caller: Caller,
  ): Promise<DiffResponse | RawContent> {
    if (type === 'text/x-diff') return toPatchContent(await this.diffs.patch(sides, caller));
    const diff = await this.diffs.diff(sides, caller);
    return type === 'text/markdown' ? toMarkdownContent(toMarkdown(diff, part)) : toDiffResponse(diff, part);
  }
}
