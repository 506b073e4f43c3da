import { hash } from 'node:crypto';
import type { ReceiverType } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import { parseGitUrl } from '../../domain/git-url.js';
import type { HookHeaders, SentHook } from './hook-signature.js';

/** What a webhook says, as far as anybody here listens. */
export interface Hook {
  /** Whether refs may have changed. */
  isChange: boolean;
  /** The repositories that it names, by the `key` of their URLs; null: it names none. */
  keys: string[] | null;
}

interface HostFacts {
  /** The header that names the event, and the events that come with a change of refs. */
  event?: string;
  changes?: readonly string[];
  /** Headers with an id that is the same when the same webhook is sent again; the first that is there counts. */
  ids: readonly string[];
  /** Of a tool that sends no id: what it sends again has the same body, and what is new has the time of it. */
  byBody?: true;
}

const REFS = ['push', 'create', 'delete'];
/** Of hosts whose event is in the body. */
const SYSTEM_EVENTS = ['push', 'tag_push', 'repository_update'];
/** Unlike its name it can stand on different webhooks, so that it is an id of one only with the body. */
const SHARED_ID = 'x-gitlab-event-uuid';

const HOSTS: Record<ReceiverType, HostFacts> = {
  github: { event: 'x-github-event', changes: REFS, ids: ['x-github-delivery'] },
  gitea: { event: 'x-gitea-event', changes: REFS, ids: ['x-gitea-delivery'] },
  gitlab: {
    event: 'x-gitlab-event',
    changes: ['Push Hook', 'Tag Push Hook'],
    ids: ['idempotency-key', SHARED_ID],
  },
  bitbucket: {
    event: 'x-event-key',
    changes: ['repo:push', 'repo:refs_changed', 'mirror:repo_synchronized'],
    ids: ['x-request-uuid', 'x-request-id'],
  },
  generic: { ids: ['idempotency-key'] },
  flux: { ids: [], byBody: true },
  argocd: { ids: [], byBody: true },
};

/** Reads a webhook whose signature is right. Throws `malformedBody` for what is neither JSON nor a form with JSON in it. */
export function readHook(type: ReceiverType, sent: SentHook): Hook {
  const { headers } = sent;
  const payload = payloadOf(sent);
  return { isChange: isChange(type, headers, payload), keys: keysOf(payload) };
}

/** A digest of the id by which its host tells one webhook from another; null: it has none. */
export function deliveryOf(type: ReceiverType, { headers, body }: SentHook): string | null {
  const { ids, byBody } = HOSTS[type];
  if (byBody) return hash('sha256', body, 'base64url');
  const name = ids.find((header) => textOf(headers[header]) !== '');
  if (name === undefined) return null;
  const content = name === SHARED_ID ? hash('sha256', body) : '';
  return hash('sha256', `${name} ${textOf(headers[name])} ${content}`, 'base64url');
}

/** What a webhook has in its body. Throws as {@link readHook} does. */
export function payloadOf({ headers, body }: SentHook): object {
  if (body.length === 0) return {};
  const text = Buffer.from(body).toString('utf8');
  const isForm = textOf(headers['content-type']).startsWith('application/x-www-form-urlencoded');
  try {
    const payload: unknown = JSON.parse(isForm ? (new URLSearchParams(text).get('payload') ?? '') : text);
    if (typeof payload === 'object' && payload !== null) return payload;
  } catch {
    // Said below: the parser's own message quotes the body.
  }
  throw new DomainError('malformedBody', 'The body is neither a JSON object nor a form with one as its `payload`.');
}

function isChange(type: ReceiverType, headers: HookHeaders, payload: object): boolean {
  const { event, changes } = HOSTS[type];
  const named = event === undefined ? '' : textOf(headers[event]);
  // Whoever does not say what happened had a reason to call.
  if (changes === undefined || named === '') return true;
  if (named === 'System Hook') return SYSTEM_EVENTS.includes(textOf(fieldOf(payload, 'event_name')));
  return changes.includes(named);
}

/** Where hosts write the URLs of a repository, in `repository` or `project`. */
const URL_FIELDS = [
  ...['clone_url', 'ssh_url', 'html_url', 'git_url', 'url', 'git_http_url', 'git_ssh_url', 'http_url', 'web_url'],
  'homepage',
];

function keysOf(payload: object): string[] | null {
  const named = ['repository', 'project']
    .flatMap((field) => urlsOf(fieldOf(payload, field)))
    .filter((url) => url !== '');
  return named.length === 0 ? null : [...new Set(named.flatMap(keyOf))];
}

function urlsOf(repository: unknown): string[] {
  if (typeof repository === 'string') return [repository];
  const links = fieldOf(repository, 'links');
  const clones = fieldOf(links, 'clone');
  return [
    ...URL_FIELDS.map((field) => fieldOf(repository, field)),
    fieldOf(fieldOf(links, 'html'), 'href'),
    ...(Array.isArray(clones) ? clones.map((link: unknown) => fieldOf(link, 'href')) : []),
  ].map(textOf);
}

/** None for what is no URL of a repository, such as that of an API. */
function keyOf(url: string): string[] {
  try {
    return [parseGitUrl(url.replace(/^([\w.+-]+@[^/:]+):(?!\/)/, 'ssh://$1/')).key];
  } catch {
    return [];
  }
}

export const fieldOf = (value: unknown, field: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined;

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
