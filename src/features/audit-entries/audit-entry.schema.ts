import { z } from 'zod';
import { DISCOVERED, POLICY_CHANGED, PUBLISHED_EXTERNALLY } from '../../audit/audit-log.js';
import { factsOf, OPERATION_KIND_NAMES } from '../../domain/operation.js';
import { isOperationId } from '../../http/endpoint.js';
import { choice } from '../../http/schema/choice.js';
import { EXAMPLE_ETAG, EXAMPLE_ID, identifier, pageOf, timestamp, nullableText } from '../../http/schema/fields.js';
import { listOf, listQuery, moment, textFilter } from '../../http/schema/query.js';
import { text } from '../../http/schema/text.js';
import { AUDIT_SORTS, type AuditFilter } from './audit-entry.filter.js';
import { auditEntryExamples } from './audit-entry.examples.js';

const outcome = choice('AuditOutcome', ['succeeded', 'denied'], 'Whether it was done or refused.');

const nullableId = (description: string) =>
  z
    .uuid()
    .nullable()
    .meta({ description, examples: [EXAMPLE_ID], openapi: { type: ['string', 'null'], format: 'uuid' } });

export const auditEntryResponse = z
  .strictObject({
    id: identifier('The id of the entry; ids sort by time.'),
    time: timestamp('When it was written.'),
    actor: nullableText('Who did it, or was refused; `null` where nobody could be known.', 'ada'),
    tokenId: nullableId('The API token that was shown, if it was one.'),
    action: z.string().meta({
      description:
        'What was done: the `operationId` of an endpoint, or `packageRevision.published` and `packageRevision.deleted` ' +
        'for what became true on the remote; `packageRevision.cloned` for a draft that a worker has begun, or has filled a folder of, with what it read in Git; `packageRevision.publishedExternally`, or `repository.discovered` with the count of the first ' +
        'sync, for tags of others. `repository.policyChanged` has a setting of a policy, by `reason`, with its ' +
        'values `before` and `after`.',
      examples: ['approvePackageRevision'],
    }),
    outcome,
    resourceType: nullableText('What kind of resource it was done to.', 'PackageRevision'),
    resourceId: nullableText('The id of that resource.', EXAMPLE_ID),
    repositoryId: nullableId('The repository it is in.'),
    path: nullableText("The path of the revision's package.", 'edge-1/nf/core'),
    before: nullableText('Its entity tag before; `null` where it was not there.', EXAMPLE_ETAG),
    after: nullableText(
      'Its entity tag after; `null` where it is gone. Of a resource without one, a digest of the answer.',
      EXAMPLE_ETAG,
    ),
    reason: nullableText('Why: the reason that was given, or that of the refusal.', 'forbidden'),
    requestId: nullableText('The `X-Request-Id` of the request.', '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c'),
    operationId: nullableId('The operation that the request caused, or that was carried out.'),
    address: nullableText('Where the request came from.', '192.0.2.7'),
  })
  .meta({
    id: 'AuditEntry',
    description: 'What somebody did, or was refused. Entries are never changed.',
    states: auditEntryExamples,
  });

export type AuditEntryResponse = z.output<typeof auditEntryResponse>;

export const auditEntryPage = pageOf('AuditEntryPage', 'audit entries', auditEntryResponse);

/** What became true on remotes, and settings that were changed; all other actions are endpoints. */
const OTHER_ACTIONS: ReadonlySet<string | null> = new Set([
  POLICY_CHANGED,
  PUBLISHED_EXTERNALLY,
  DISCOVERED,
  ...OPERATION_KIND_NAMES.map((kind) => factsOf(kind).auditAction),
]);

const isAction = (text: string): boolean => OTHER_ACTIONS.has(text) || isOperationId(text);

const exact = (what: string, example: string) => textFilter(512, `Only entries ${what}.`, example);

export const auditEntryQuery = listQuery<AuditFilter>(
  {
    actor: exact('of this actor', 'ada'),
    action: listOf(text(128).refine(isAction, { error: 'There is no such action.' })).meta({
      description: 'Only entries of these actions.',
      examples: [['approvePackageRevision', 'packageRevision.published']],
    }),
    outcome: outcome
      .optional()
      .meta({ description: 'Only what was done, or only what was refused.', examples: ['denied'] }),
    resourceType: exact('about resources of this kind', 'PackageRevision'),
    resourceId: exact('about the resource with this id', EXAMPLE_ID),
    repositoryId: identifier('Only entries about this repository and what is in it.').optional(),
    path: exact('about revisions of packages with this path', 'edge-1/nf/core'),
    requestId: exact('of the request with this `X-Request-Id`', '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c'),
    since: moment('Only entries from this moment on.'),
    until: moment('Only entries from before this moment.'),
  },
  AUDIT_SORTS,
);

export type AuditEntryQuery = z.output<typeof auditEntryQuery>;

export const auditExportQuery = z.strictObject({
  afterSequence: z
    .string()
    .regex(/^\d{1,9}$/, { error: 'A whole number is expected.' })
    .optional()
    .transform((value) => Number(value ?? 0))
    .meta({
      description: 'Only entries behind this place of the chain: the `sequence` of the last line that you have.',
      examples: [4711],
      openapi: { type: 'integer', minimum: 0, default: 0 },
    }),
});
