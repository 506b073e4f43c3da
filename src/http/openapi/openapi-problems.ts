import { isPermission } from '../../access/guard.js';
import { ERROR_CODES, type ErrorCode } from '../../domain/errors.js';
import type { EndpointFacts } from '../endpoint.js';
import { problemExamples } from '../problem.examples.js';
import { PROBLEM_MEDIA_TYPE, PROBLEMS } from '../problem.js';
import { reference, type ResponseObject } from './openapi-shared.js';

/** Operations of one shape can fail alike: the same method, a slot in the path, pages. */
export interface Shape {
  method: string;
  path: string;
  paged: boolean;
}

/** A request can fail with these before any operation is found for it, or whatever the operation is. */
const ANYWHERE: ErrorCode[] = [
  'badRequest',
  'uriTooLong',
  'routeNotFound',
  'methodNotAllowed',
  'internal',
  'unavailable',
];

/** Refusals by the server itself, which has no operation, no code of its own and no log line for them. */
const BEFORE_ROUTING = [408, 431];

/** An operation that a client waits for can end with these. */
const WAITED_FOR: ErrorCode[] = [
  'cancelled',
  'hostRefused',
  ...ERROR_CODES.filter((code) => code.startsWith('remote')),
];

/** The codes that every operation of this shape can answer with. */
function codesOfShape({ permission, reads }: EndpointFacts, { method, path, paged }: Shape): ErrorCode[] {
  const codes: ErrorCode[] = ['badRequest', 'invalidQuery', 'notAcceptable', 'internal', 'unavailable'];
  if (permission !== 'public') codes.push('unauthenticated', 'tooManyRequests');
  if (isPermission(permission)) codes.push('forbidden');
  if (path.includes('{')) codes.push('notFound', 'uriTooLong');
  // Of a repeated request that shows what its caller may not see any more.
  else if (method === 'post' && !reads) codes.push('notFound');
  if (paged) codes.push('invalidCursor');
  if (method !== 'get') codes.push('malformedBody', 'invalidBody', 'bodyTooLarge', 'unsupportedMediaType');
  if (method === 'post' && !reads && permission !== 'signature') codes.push('idempotencyKeyReused');
  return codes;
}

/** The codes that operations have in common: the same everywhere, and so said once. */
const COMMON: readonly ErrorCode[] = ERROR_CODES.filter((code) =>
  [
    ...ANYWHERE,
    ...codesOfShape({ permission: 'repositories.read', problems: [] }, { method: 'post', path: '{', paged: true }),
    'preconditionRequired',
    'preconditionFailed',
  ].includes(code),
);

const inOrder = (codes: readonly ErrorCode[]): ErrorCode[] => ERROR_CODES.filter((code) => codes.includes(code));

/**
 * All problems are one answer, the default: generators write one error type for it, not one for each status. The statuses
 * and codes are in extensions for programs, and in the description for people.
 */
export function problemsOf(facts: EndpointFacts, shape: Shape) {
  const declared = [...facts.problems, ...(facts.accepted ? WAITED_FOR : [])];
  const all = inOrder([...codesOfShape(facts, shape), ...declared]);
  return {
    statuses: [...new Set(all.map((code) => PROBLEMS[code].status))].sort((left, right) => left - right),
    codes: inOrder(declared).filter((code) => !COMMON.includes(code)),
    prose: proseOf(facts),
  };
}

function proseOf({ problems, accepted }: EndpointFacts): string | undefined {
  const waits = accepted ? 'A waiting request can fail as the operation does.' : undefined;
  const byStatus = new Map<number, string[]>();
  for (const code of inOrder(problems).filter((each) => !COMMON.includes(each))) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${code}\``]);
  }
  const told = [...byStatus].map(([status, codes]) => `${status} ${codes.join(', ')}`);
  const own = told.length > 0 ? `Problems: ${told.join('; ')}.` : undefined;
  const prose = [own, waits].filter((sentence) => sentence !== undefined);
  return prose.length > 0 ? prose.join(' ') : undefined;
}

/** Holds for the whole document: codes that no operation declares for itself. */
export const documentProblems = {
  'x-problem-statuses': [...new Set([...ANYWHERE.map((code) => PROBLEMS[code].status), ...BEFORE_ROUTING])].sort(
    (left, right) => left - right,
  ),
  'x-problem-codes': COMMON,
};

export const problemResponse: ResponseObject = {
  description:
    'A Problem (RFC 9457), whatever went wrong. `x-problem-statuses` of an operation lists the statuses it can have, ' +
    '`x-problem-codes` the codes beyond those that operations have in common.',
  headers: {
    'X-Request-Id': reference('headers', 'RequestId'),
    'WWW-Authenticate': reference('headers', 'WwwAuthenticate'),
    'Retry-After': reference('headers', 'RetryAfter'),
    Allow: reference('headers', 'Allow'),
    RateLimit: reference('headers', 'RateLimit'),
    'RateLimit-Policy': reference('headers', 'RateLimitPolicy'),
    'Preference-Applied': reference('headers', 'PreferenceApplied'),
  },
  content: {
    [PROBLEM_MEDIA_TYPE]: {
      schema: reference('schemas', 'Problem'),
      examples: Object.fromEntries(Object.keys(problemExamples).map((name) => [name, reference('examples', name)])),
    },
  },
};
