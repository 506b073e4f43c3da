import { type Proxy, proxyFault, proxyRefusal } from '../net/forward-proxy.js';
import { HostRefusedError } from '../net/host-policy.js';
import { printable } from './smart-http/pkt-line.js';
import { GitError, type GitErrorCode } from './port.js';

const NOT_RESOLVED = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA']);
const TIMED_OUT = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/**
 * An error of the network, of the HTTP client or of the host policy, as a GitError. Only the names of the host and of the
 * proxy that it is called through go into the message.
 */
export function networkError(error: unknown, host: string, proxy?: Proxy): GitError {
  const failure = (code: GitErrorCode, message: string) => new GitError(code, message, {}, { cause: error });
  const fault = proxy && proxyFault(error, proxy, host);
  if (fault !== undefined) return failure('unreachable', fault);
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof GitError) return cause;
    if (cause instanceof HostRefusedError) return failure('hostRefused', cause.message);
    const code = 'code' in cause ? String(cause.code) : '';
    if (TIMED_OUT.has(code)) return failure('timeout', `${host} did not answer in time.`);
    if (NOT_RESOLVED.has(code)) return failure('unreachable', `The host name ${host} cannot be resolved.`);
    if (code === 'ECONNREFUSED') return failure('unreachable', `${host} refuses the connection.`);
    if (/CERT|SIGNATURE|SELF_SIGNED|ERR_TLS|ERR_SSL/.test(code)) {
      return failure('unreachable', `The TLS certificate of ${host} is not accepted (${code}).`);
    }
  }
  return failure('unreachable', `The connection to ${host}${proxy ? ` through the proxy ${proxy.name}` : ''} broke.`);
}

/** What is known of a request that a host refused, beside its status. */
export interface Refused {
  /** The host's words; null where it gives no reason that a person can read. */
  reason?: string | null;
  /** Whether the request carried a credential. */
  signedIn?: boolean;
  /** What it went through. */
  proxy?: Proxy | undefined;
}

/** What an HTTP status other than 200 means. */
export function statusError(status: number, host: string, refused: Refused = {}): GitError {
  const { reason = null, signedIn = true, proxy } = refused;
  const data = { status };
  if (status === 407 && proxy) return new GitError('unreachable', proxyRefusal(proxy, host, status), data);
  if (status === 401 || status === 403) {
    const said = reason === null ? '.' : `: ${reason}`;
    const asked = signedIn || reason !== null ? '' : ' It was asked without a credential.';
    const message = `${host} refuses access (HTTP ${status})${said}${asked}`;
    return new GitError('authenticationFailed', message, data);
  }
  if (status === 404 || status === 410) {
    return new GitError('notFound', `${host} has no such repository, or does not show it to this credential.`, data);
  }
  if (status === 413) return new GitError('tooLarge', `${host} refuses requests of this size (HTTP 413).`, data);
  if (status >= 300 && status < 400) {
    return new GitError('protocol', `${host} redirects to another address, which is not followed.`, data);
  }
  const words = reason === null ? '.' : `: ${reason}`;
  return new GitError('unreachable', `${host} answers with HTTP ${status}${words}`, data);
}

const LONGEST_REASON = 200;

/**
 * The reason that the body of a refusal gives: its first line, or the `message` of JSON, made safe to show. Null for web
 * pages, which are for browsers.
 */
export function reasonIn(body: string, contentType: string): string | null {
  const isJson = /[/+]json\b/.test(contentType);
  if (!isJson && !/^text\/plain\b/.test(contentType)) return null;
  const text = printable(isJson ? messageOfJson(body) : body);
  const [first = ''] = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return first.slice(0, LONGEST_REASON) || null;
}

function messageOfJson(body: string): string {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && 'message' in value ? String(value.message) : '';
  } catch {
    return '';
  }
}

/** How hosts say that somebody may not write, as against what is wrong with the commits. */
export const MAY_NOT_WRITE = new RegExp(
  [
    'not (allowed|permitted|authori[sz]ed) to (push|write|create|update|upload)|not permitted: |prohibited by Gerrit',
    '(write|push) (access|permission|right)|permission (is )?(denied|to .* denied)|permissions? to perform|denied for writing',
    'insufficient (permission|privilege|right)|access (is )?denied|forbidden|read[- ]only|archived|protected (branch|tag|ref)',
  ].join('|'),
  'i',
);

/** Whether a push failed for want of a right to it, at a remote that was just read. */
export function isWantOfRight({ code, data: { refs = [], remarks = '' } }: GitError): boolean {
  if (code !== 'rejected') return code === 'authenticationFailed' || code === 'notFound';
  return [remarks, ...refs.map(({ reason }) => reason)].some((words) => MAY_NOT_WRITE.test(words));
}

/** The remote answered otherwise than one that is known to have the service, and the credential is not what is wrong. */
export function isOtherAnswer(error: unknown): boolean {
  if (!(error instanceof GitError)) return false;
  const { code, data } = error;
  return code === 'protocol' || (data.status !== undefined && code !== 'authenticationFailed');
}
