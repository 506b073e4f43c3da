import type { ErrorCode, ProblemMembers } from '../domain/errors.js';
import { PROBLEMS } from './problem.js';
import { EXAMPLE_ETAG, EXAMPLE_ID, EXAMPLE_REVISION_NAME } from './schema/fields.js';

const example = (code: ErrorCode, instance: string, detail: string, members: ProblemMembers = {}) => {
  const { status, title } = PROBLEMS[code];
  const type = `urn:pkgserver:problem:${code}`;
  return { summary: title, value: { type, title, status, detail, instance, code, requestId: EXAMPLE_ID, ...members } };
};

const REVISION = `/api/v1/package-revisions/${EXAMPLE_ID}`;

/** One Problem of each family. */
export const problemExamples = {
  ProblemInvalidBody: example('invalidBody', '/api/v1/repositories', 'The body is not valid; `errors` says why.', {
    errors: [{ pointer: '/name', code: 'required', message: 'This is required.' }],
  }),
  ProblemNotFound: example('notFound', REVISION, `There is no package revision with the id ${EXAMPLE_ID}.`),
  ProblemForbidden: example(
    'forbidden',
    `${REVISION}/approve`,
    'This needs the permission "packageRevisions.approve", which you do not have here.',
    { permission: 'packageRevisions.approve' },
  ),
  ProblemStateConflict: example(
    'stateConflict',
    `${REVISION}/propose`,
    `"${EXAMPLE_REVISION_NAME}" is published; "propose" is not possible in that state.`,
    { lifecycle: 'published', allowedActions: ['propose-deletion', 'copy', 'clone'] },
  ),
  ProblemPreconditionFailed: example(
    'preconditionFailed',
    REVISION,
    `"${EXAMPLE_REVISION_NAME}" has changed since you read it, last by ada at 2026-03-14T11:02:10.120Z. Read it again and decide on what it is now.`,
    { currentEtag: EXAMPLE_ETAG, updatedBy: 'ada', updatedAt: '2026-03-14T11:02:10.120Z' },
  ),
  ProblemTooManyRequests: example(
    'tooManyRequests',
    '/api/v1/packages',
    'You have sent too many requests; wait 42 seconds.',
    { retryAfterSeconds: 42 },
  ),
  ProblemRemoteUnreachable: example(
    'remoteUnreachable',
    `/api/v1/repositories/${EXAMPLE_ID}/sync`,
    'The Git remote did not answer.',
  ),
};
