import { HostRefusedError } from '../net/host-policy.js';
import { GitError, type GitErrorCode } from './port.js';

const NOT_RESOLVED = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA']);
const TIMED_OUT = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/**
 * An error of the network, of the HTTP client or of the host policy, as a GitError. Only the host's name goes into the
 * message.
 */
export function networkError(error: unknown, host: string): GitError {
  const failure = (code: GitErrorCode, message: string) => new GitError(code, message, {}, { cause: error });
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
  return failure('unreachable', `The connection to ${host} broke.`);
}

/** What an HTTP status other than 200 means. */
export function statusError(status: number, host: string): GitError {
  const data = { status };
  if (status === 401 || status === 403) {
    return new GitError('authenticationFailed', `${host} refuses access (HTTP ${status}). Check the credential.`, data);
  }
  if (status === 404 || status === 410) {
    return new GitError('notFound', `${host} has no such repository, or does not show it to this credential.`, data);
  }
  if (status === 413) return new GitError('tooLarge', `${host} refuses requests of this size (HTTP 413).`, data);
  if (status >= 300 && status < 400) {
    return new GitError('protocol', `${host} redirects elsewhere. Register the address it redirects to.`, data);
  }
  return new GitError('unreachable', `${host} answers with HTTP ${status}.`, data);
}

/** The remote answered otherwise than one that is known to have the service, and the credential is not what is wrong. */
export function isOtherAnswer(error: unknown): boolean {
  if (!(error instanceof GitError)) return false;
  const { code, data } = error;
  return code === 'protocol' || (data.status !== undefined && code !== 'authenticationFailed');
}
