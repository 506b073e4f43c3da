import { z } from 'zod';
import { DRIFT_ACTIONS, DRIFT_KINDS, DRIFT_RESOLUTIONS, DRIFT_STATES } from '../../domain/drift.js';
import { choice, openChoice } from '../../http/schema/choice.js';
import { etag, givenName, identifier, nullableText, pageOf, timestamp } from '../../http/schema/fields.js';
import { exactly, listOf, listQuery, textFilter } from '../../http/schema/query.js';
import { text } from '../../http/schema/text.js';
import { commitOid, treeOid } from '../package-revisions/package-revision.schema.js';
import { DRIFT_SORTS, type DriftFilter } from './drift.filter.js';

const kind = openChoice(
  'DriftKind',
  DRIFT_KINDS,
  '`headDiffers`: the ref holds what no publication is. `tagAdded`, `tagMoved`, `tagDeleted`: of a publication. `branchPushed`, ' +
    '`branchDeleted`: of a draft. `historyRewritten`: the ref has lost commits. `leftoverBranch`: beside a publication.',
);
const state = choice(
  'DriftState',
  DRIFT_STATES,
  '`open`: nobody has said anything of it. `acknowledged`: somebody lets it be. `resolved`: it is over.',
);
const resolution = choice(
  'DriftResolution',
  DRIFT_RESOLUTIONS,
  '`adopted`, `restored`: by the publication of its draft. `gone`: it is not so any more.',
);
const action = openChoice('DriftAction', DRIFT_ACTIONS, 'Something that can be done about it.');

const git = z
  .strictObject({
    commit: commitOid('The commit.'),
    tree: treeOid("The package's tree; `null`: none.").nullable(),
    author: nullableText('Who wrote it; `null`: not known yet.', 'Ada <ada@example.com>'),
    committer: nullableText('Who committed it.', 'Ada <ada@example.com>'),
    committedAt: timestamp('When.').nullable(),
  })
  .meta({ id: 'DriftInGit', description: 'What Git holds.' });

const held = z
  .strictObject({
    commit: commitOid('The commit.'),
    tree: treeOid("The package's tree.").nullable(),
    revision: nullableText('The publication that it was.', 'v1'),
    workspace: nullableText('The workspace.', 'initial'),
  })
  .meta({ id: 'DriftHeld', description: 'What the service held.' });

const acknowledgement = z
  .strictObject({
    by: z.string().meta({ description: 'Who.', examples: ['grace'] }),
    at: timestamp('When.'),
    reason: z.string().meta({ description: 'Why.', examples: ['A fix of the night shift.'] }),
  })
  .meta({ id: 'DriftAcknowledgement', description: 'That somebody lets it be.' });

export const driftResponse = z
  .strictObject({
    id: identifier('The id of the drift.'),
    kind,
    state,
    repositoryId: identifier('The repository it is in.'),
    repository: z.string().meta({ description: "That repository's name.", examples: ['fleet'] }),
    packageId: identifier('The package, while there is one.').nullable(),
    path: nullableText("The package's path; `null`: it is about the repository as a whole.", 'edge-1/nf/core'),
    ref: z.string().meta({ description: 'The branch or tag.', examples: ['edge-1/nf/core/v1'] }),
    packageRevisionId: identifier('The revision that it is about, which may be gone.').nullable(),
    git: git.nullable().meta({ description: '`null`: nothing, or nothing that can be read.' }),
    held: held.nullable().meta({ description: '`null`: nothing.' }),
    files: z
      .array(z.string())
      .nullable()
      .meta({ description: 'The files that differ, 100 at most; `null`: not known.', examples: [['deployment.yaml']] }),
    fileCount: z
      .int()
      .nullable()
      .meta({ description: 'How many they are.', examples: [1] }),
    actions: z.array(action).meta({ description: 'What you may do about it.', examples: [['adopt', 'acknowledge']] }),
    draftId: identifier('The draft that is to end it.').nullable(),
    acknowledgement: acknowledgement.nullable(),
    resolution: resolution.nullable(),
    foundAt: timestamp('When it was found.'),
    updatedAt: timestamp('When it last changed.'),
    resolvedAt: timestamp('When it ended.').nullable(),
    etag: etag('the drift'),
  })
  .meta({ id: 'Drift', description: 'Something in Git that the service did not write.' });

export type DriftResponse = z.output<typeof driftResponse>;

export const driftPage = pageOf('DriftPage', 'drift', driftResponse);

export const driftQuery = listQuery<DriftFilter>(
  {
    repository: exactly('repository (its name)', 'fleet'),
    repositoryId: identifier('Only in this repository.').optional(),
    path: textFilter(1024, 'Only of packages with this path.', 'edge-1/nf/core'),
    packageRevisionId: identifier('Only about this revision.').optional(),
    kind: listOf(kind).meta({ description: 'Only of these kinds.', examples: [['tagMoved']] }),
    state: listOf(state).meta({ description: 'Only in these states; else all but `resolved`.', examples: [['open']] }),
  },
  DRIFT_SORTS,
);

export type DriftQuery = z.output<typeof driftQuery>;

export const driftDraftRequest = z
  .strictObject({
    workspace: givenName('A name for the draft; else one is made.', 'adopt').optional(),
    overwriteHead: z
      .literal(true)
      .optional()
      .meta({ description: 'Although that undoes what somebody has committed on the ref.', examples: [true] }),
  })
  .meta({ id: 'DriftDraftRequest', description: 'The draft that is to end the drift.' });

export type DriftDraftRequest = z.output<typeof driftDraftRequest>;

export const driftAcknowledgeRequest = z
  .strictObject({
    reason: text(1024)
      .min(1)
      .meta({ description: 'Why it may be so.', examples: ['A fix of the night shift.'] }),
  })
  .meta({ id: 'DriftAcknowledgeRequest', description: 'That it may be so.' });

export type DriftAcknowledgeRequest = z.output<typeof driftAcknowledgeRequest>;
