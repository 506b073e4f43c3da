import { z } from 'zod';
import { text } from '../../http/schema/text.js';
import { openChoice } from '../../http/schema/choice.js';
import { count, etag, givenName, identifier, pageOf, timestamp } from '../../http/schema/fields.js';
import { exactly, flag, listQuery, textFilter } from '../../http/schema/query.js';
import { changeClass, fileChange, objectChange } from '../package-diffs/package-diff.schema.js';
import { treeOid, upstreamResponse } from '../package-revisions/package-revision.schema.js';
import {
  defaultResolution,
  defaultResolutionResponse,
  newUpstream,
  resolution,
  resolutionResponse,
  resolutions,
  upgradeFields,
  upgradeStrategy,
} from '../package-revisions/upgrades/upgrade.schema.js';
import { PREVIEW_SORTS, type PreviewFilter } from './upgrade-preview.filter.js';

export const previewCreateRequest = z
  .strictObject({
    to: newUpstream,
    subpackage: text(1024)
      .min(1)
      .nullable()
      .default(null)
      .meta({
        description: 'A folder of a draft that is upgraded alone; left out: a published revision.',
        examples: ['database'],
      }),
    ...upgradeFields,
  })
  .meta({ id: 'UpgradePreviewCreateRequest', description: 'An upgrade to look at.', examples: [{ to: 'newest' }] });

export type PreviewCreateRequest = z.output<typeof previewCreateRequest>;

export const previewPatchRequest = z
  .strictObject({
    resolutions: resolutions('ResolutionsPatch', resolution.nullable())
      .optional()
      .describe('Resolutions to set; `null` takes one away.'),
    defaultResolution: defaultResolution.nullable().optional(),
  })
  .meta({
    id: 'UpgradePreviewPatchRequest',
    description: 'How conflicts are to be settled.',
    examples: [{ resolutions: { '5f0c1a2b3d4e5f60': { take: 'theirs' } } }],
  });

export type PreviewPatchRequest = z.output<typeof previewPatchRequest>;

export const previewApplyRequest = z
  .strictObject({
    workspace: givenName(
      'A name for the draft, unique within the package; left out for a subpackage.',
      'upgrade-v2',
    ).optional(),
  })
  .meta({ id: 'UpgradePreviewApplyRequest', description: 'The draft to make of a preview.' });

export type PreviewApplyRequest = z.output<typeof previewApplyRequest>;

const EXAMPLE_CONFLICT = '5f0c1a2b3d4e5f60';

const heldValue = z
  .strictObject({ value: z.unknown().meta({ description: 'Of Secrets a hash.', examples: [3] }) })
  .meta({ id: 'HeldValue', description: 'What one side has.', examples: [{ value: 3 }] });
const held = (what: string) => heldValue.nullable().meta({ description: `${what}; \`null\`: nothing.` });

const objectOf = z
  .strictObject({
    apiVersion: z.string().meta({ description: 'Its apiVersion.', examples: ['apps/v1'] }),
    kind: z.string().meta({ description: 'Its kind.', examples: ['Deployment'] }),
    namespace: z
      .string()
      .nullable()
      .meta({ description: 'Its namespace.', examples: ['core'] }),
    name: z
      .string()
      .nullable()
      .meta({ description: 'Its name.', examples: ['core'] }),
  })
  .meta({ id: 'MergedObject', description: 'The object that it is about.' })
  .nullable();

const file = z.string().meta({ description: 'The file.', examples: ['deployment.yaml'] });
const path = z.string().meta({ description: 'The field; empty: no field, or all of it.', examples: ['spec.replicas'] });

export const mergeConflict = z
  .strictObject({
    id: z.string().meta({ description: 'The same for the same versions.', examples: [EXAMPLE_CONFLICT] }),
    of: openChoice(
      'ConflictKind',
      ['field', 'object', 'lines', 'file', 'package'],
      '`lines`: of a file that holds no objects. `package`: one below this one.',
    ),
    object: objectOf,
    file,
    path,
    nth: z.int().meta({ description: 'Of `lines`: which place in the file, from 0.', examples: [0] }),
    class: changeClass,
    base: held('What it was made from'),
    ours: held('As it is here'),
    theirs: held('As the new upstream has it'),
    resolution: resolutionResponse.nullable().meta({ description: '`null`: it is open, and stays as it is here.' }),
  })
  .meta({ id: 'MergeConflict', description: 'What both sides have changed, each in another way.' });

const oneSided = z
  .strictObject({ object: objectOf, file, path, from: held('Before'), to: held('Now') })
  .meta({ id: 'OneSidedChange', description: 'What one side alone has changed.' });

export const mergeSummary = z
  .strictObject({
    taken: count('Changes of the upstream that are taken.', 3),
    kept: count('Changes made here that are kept.', 2),
    conflicts: count('What both have changed.', 1),
    open: count('Of these, what is not resolved.', 1),
  })
  .meta({ id: 'MergeSummary', description: 'How many.' });

const made = {
  appliedTo: identifier('The draft that was made of it.').nullable(),
  createdAt: timestamp('When it was made.'),
  createdBy: z.string().meta({ description: 'Who made it.', examples: ['ada'] }),
  expiresAt: timestamp('Until when it is kept.'),
  etag: etag('the preview'),
};

const subpackage = z
  .string()
  .nullable()
  .meta({
    description: 'The folder that is upgraded alone: files are named within it; `null`: all of it.',
    examples: [null],
  });

export const previewResponse = z
  .strictObject({
    id: identifier('The id of the preview.'),
    packageRevisionId: identifier('The revision that is upgraded.'),
    subpackage,
    from: upstreamResponse,
    to: upstreamResponse,
    strategy: upgradeStrategy,
    base: treeOid('The tree that it was made from.'),
    ours: treeOid('Its tree.'),
    result: treeOid('The tree that is applied.'),
    summary: mergeSummary,
    changes: z
      .strictObject({
        objects: z.array(objectChange).meta({ description: 'The objects.' }),
        files: z.array(fileChange).meta({ description: 'The files.' }),
        truncated: z.boolean().meta({ description: 'There is more than this.', examples: [false] }),
      })
      .meta({ id: 'PreviewChanges', description: 'What differs between the revision and the result.' }),
    taken: z.array(oneSided).meta({ description: 'Changes of the upstream that are taken.' }),
    kept: z.array(oneSided).meta({ description: 'Changes made here that are kept.' }),
    truncated: z.boolean().meta({ description: 'There is more in `taken` and `kept`.', examples: [false] }),
    conflicts: z.array(mergeConflict).meta({ description: 'What both have changed.' }),
    defaultResolution: defaultResolutionResponse,
    warnings: z
      .array(z.string())
      .meta({ description: 'What to know before.', examples: [['v1 is older than v2: this is a downgrade.']] }),
    ...made,
  })
  .meta({ id: 'UpgradePreview', description: 'What an upgrade would give.' });

export type PreviewResponse = z.output<typeof previewResponse>;

const previewItem = z
  .strictObject({
    id: identifier('The id of the preview.'),
    packageRevisionId: identifier('The revision that is upgraded.'),
    repositoryId: identifier('The repository it is in.'),
    repository: z.string().meta({ description: "That repository's name.", examples: ['fleet'] }),
    path: z.string().meta({ description: "The package's path.", examples: ['edge-1/nf/core'] }),
    subpackage,
    from: upstreamResponse,
    to: upstreamResponse,
    strategy: upgradeStrategy,
    summary: mergeSummary.nullable().meta({ description: '`null`: an earlier version of this service has made it.' }),
    ...made,
  })
  .meta({ id: 'UpgradePreviewItem', description: 'A preview of an upgrade, without what it gives.' });

export type PreviewItem = z.output<typeof previewItem>;

export const previewPage = pageOf('UpgradePreviewPage', 'previews', previewItem);

export const previewQuery = listQuery<PreviewFilter>(
  {
    repository: exactly('repository (its name)', 'fleet'),
    repositoryId: identifier('Only in this repository.').optional(),
    path: textFilter(1024, 'Only of packages with this path.', 'edge-1/nf/core'),
    packageRevisionId: identifier('Only of this revision.').optional(),
    applied: flag().describe('Whether a draft was made of it.'),
  },
  PREVIEW_SORTS,
);

export type PreviewQuery = z.output<typeof previewQuery>;
