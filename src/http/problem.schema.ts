import { z } from 'zod';
import { ERROR_CODES, type ProblemMembers } from '../domain/errors.js';
import { choice, openChoice } from './schema/choice.js';
import { EXAMPLE_ETAG, EXAMPLE_ID, EXAMPLE_REVISION_NAME } from './schema/fields.js';

const fieldError = z
  .strictObject({
    pointer: z.string().meta({
      description: 'A JSON pointer into the body, or the name of a query parameter or header.',
      examples: ['/git/url'],
    }),
    code: z.string().meta({
      description:
        'What is wrong, for programs: `required`, `unknownField`, `invalidType`, `invalidValue`, `notFound` …',
      examples: ['unknownField'],
    }),
    message: z
      .string()
      .meta({ description: 'What is wrong, for people.', examples: ['There is no field of this name.'] }),
  })
  .meta({ id: 'FieldError', description: 'One fault in the input.' });

const text = (description: string, example: string) =>
  z
    .string()
    .optional()
    .meta({ description, examples: [example] });
const texts = (description: string, example: string) =>
  z
    .array(z.string())
    .optional()
    .meta({ description, examples: [[example]] });
const count = (description: string, example: number) =>
  z
    .int()
    .optional()
    .meta({ description, examples: [example] });

const missingGate = z
  .strictObject({
    type: z.string().meta({ description: 'The type of the condition.', examples: ['example.com/scanned'] }),
    status: z.string().meta({ description: 'Its status.', examples: ['Unknown'] }),
    reason: z.string().meta({ description: 'Why it has it.', examples: ['NotSet'] }),
  })
  .meta({ id: 'MissingGate', description: 'A readiness gate that is shut.' });

const clashingName = z
  .strictObject({
    path: z.string().meta({ description: 'The path of the package.', examples: ['nf/core'] }),
    name: z.string().meta({ description: 'Its workspace, or its revision.', examples: ['initial'] }),
  })
  .meta({ id: 'ClashingName', description: 'A package and workspace whose refs Git cannot hold beside the new ones.' });

const refusedRef = z
  .strictObject({
    ref: z.string().meta({ description: 'The ref.', examples: ['refs/heads/main'] }),
    reason: z.string().meta({ description: 'What the remote said.', examples: ['protected branch hook declined'] }),
  })
  .meta({ id: 'RefusedRef', description: 'A ref that the remote did not take.' });

const openConflict = z
  .strictObject({
    id: z.string().meta({ description: 'By which it is resolved.', examples: ['5f0c1a2b3d4e5f60'] }),
    file: z.string().meta({ description: 'The file.', examples: ['deployment.yaml'] }),
    path: z.string().meta({ description: 'The field; empty: no field.', examples: ['spec.replicas'] }),
    class: z.string().meta({ description: 'What the change means.', examples: ['replicas'] }),
  })
  .meta({ id: 'OpenConflict', description: 'What both sides have changed.' });

export const healthCheck = z
  .strictObject({
    status: choice('HealthCheckStatus', ['up', 'down'], 'Whether it answers.'),
    message: text('What is wrong, when it is down.', 'The queue does not answer.'),
    since: text('Since when it is down, as far as this process has seen it.', '2026-03-14T11:02:10.120Z'),
  })
  .meta({ id: 'HealthCheck', description: 'One thing that pkgserver needs.' });

/** Some codes add these. The compiler compares them with the members that the domain's errors can have. */
const members = {
  permission: text('The permission that you lack.', 'packageRevisions.approve'),
  currentEtag: text('The entity tag of what you wanted to change, as it is now.', EXAMPLE_ETAG),
  updatedBy: text('Who changed it last.', 'ada'),
  updatedAt: text('When that was.', '2026-03-14T11:02:10.120Z'),
  lifecycle: text('The state of the package revision.', 'published'),
  allowedActions: texts('What you may do with the package revision in that state.', 'propose-deletion'),
  gitState: text('How far the Git remote has followed.', 'synced'),
  state: text('The state of the operation.', 'succeeded'),
  kind: text('The kind of the operation.', 'sync'),
  operationId: text('The operation that is in the way.', EXAMPLE_ID),
  id: text('The resource that exists already.', EXAMPLE_ID),
  packageId: text('The package that exists already.', EXAMPLE_ID),
  repositoryId: text('The repository that is meant.', EXAMPLE_ID),
  repository: text('The name of the repository that has the directory already.', 'blueprints'),
  repositories: texts('The names of the repositories that use it.', 'blueprints'),
  usedBy: texts('The names of the package revisions that have it as their upstream.', EXAMPLE_REVISION_NAME),
  neededBy: texts('The paths of the packages that need it, of those that you may see.', 'edge-1/web'),
  drafts: texts('The names of the first drafts and proposals.', EXAMPLE_REVISION_NAME),
  draftCount: count('How many drafts and proposals there are.', 3),
  missing: z.array(missingGate).optional().meta({ description: 'The readiness gates that are shut.' }),
  authorship: texts('How you are an author of the package revision.', 'proposer'),
  conflictsWith: clashingName.optional(),
  path: text('The path of the entry that is in the way.', 'nf/core'),
  conflictCommit: z
    .string()
    .nullable()
    .optional()
    .meta({ description: "The other writer's commit.", examples: ['c0ffee5b7e2a4d6f8091a2b3c4d5e6f708192a3b'] }),
  conflictTree: z
    .string()
    .nullable()
    .optional()
    .meta({ description: "The package's tree in it.", examples: ['9d1f3c5b7e2a4d6f8091a2b3c4d5e6f708192a3b'] }),
  files: texts('The paths of the first files that others have changed.', 'settings.yaml'),
  conflicts: z.array(openConflict).optional().meta({ description: 'The first conflicts that nobody has resolved.' }),
  conflictCount: count('How many these are.', 1),
  publishedSince: texts('What was published since the draft was begun, the newest first.', 'v2'),
  refs: z.array(refusedRef).optional().meta({ description: 'The refs that the remote did not take.' }),
  position: count('Where in the query, in UTF-16 units from 0.', 12),
  sizeBytes: count('How many bytes the package would have.', 68_000_000),
  maxPackageBytes: count('How many it may have.', 67_108_864),
  retryAfterSeconds: count('Seconds after which to try again.', 42),
  checks: z
    .record(z.string(), healthCheck)
    .optional()
    .meta({ description: 'What the process needs, by name.', examples: [{ database: { status: 'down' } }] }),
} satisfies Record<Exclude<keyof ProblemMembers, 'errors'>, z.ZodType>;

export const problemSchema = z
  .looseObject({
    type: z.string().meta({
      description: 'A URI that names this kind of problem; it ends with `code`.',
      format: 'uri',
      examples: ['urn:pkgserver:problem:notFound'],
    }),
    title: z.string().meta({
      description: 'The kind of problem in a few words; the same for every problem with this `code`.',
      examples: ['Not found'],
    }),
    status: z
      .int()
      .min(400)
      .max(599)
      .meta({ description: 'The HTTP status.', examples: [404] }),
    detail: z.string().meta({
      description: 'What happened this time, and what to do about it.',
      examples: ['There is no repository with the id 0199a0de-0000-7000-8000-000000000000.'],
    }),
    instance: text('The path of the request.', '/api/v1/repositories/0199a0de-0000-7000-8000-000000000000'),
    code: openChoice('ProblemCode', ERROR_CODES, 'What went wrong, for programs. Codes are never renamed.').meta({
      description: 'What went wrong, for programs.',
      examples: ['notFound'],
    }),
    requestId: text('The id of the request, as in the `X-Request-Id` header and in the logs.', EXAMPLE_ID),
    errors: z.array(fieldError).optional().meta({ description: 'The faults in the input, one by one.' }),
    ...members,
  })
  .meta({
    id: 'Problem',
    description: 'Why a request failed (RFC 9457). What stands below `errors` is there with some codes only.',
  });

export type Problem = z.output<typeof problemSchema>;
