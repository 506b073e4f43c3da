import { GitError, type GitTarget } from './port.js';
import type { RemoteTransport } from './remote-transport.js';

const HIDDEN = '[redacted]';
/** A shorter secret would be found in any text. */
const LEAST_CHARACTERS = 4;

/** A transport whose errors hold nothing of the credential, should the remote repeat what it was sent. */
export function discreet(target: GitTarget, transport: RemoteTransport): RemoteTransport {
  const secrets = secretsOf(target).filter((secret) => secret.length >= LEAST_CHARACTERS);
  if (secrets.length === 0) return transport;
  const discreetly = <T>(exchange: Promise<T>): Promise<T> =>
    exchange.catch((error: unknown) => {
      throw error instanceof GitError ? redacted(error, secrets) : error;
    });
  return {
    listRefs: (signal) => discreetly(transport.listRefs(signal)),
    fetch: (wants, haves, signal) => discreetly(transport.fetch(wants, haves, signal)),
    push: (changes, pack, signal) => discreetly(transport.push(changes, pack, signal)),
  };
}

/** What the remote is shown, in each form in which it could come back. The private half of a key is shown to nobody. */
function secretsOf({ credential }: GitTarget): string[] {
  if (credential === undefined || 'privateKey' in credential) return [];
  if ('token' in credential) return [credential.token, encodeURIComponent(credential.token)];
  const { username, password } = credential;
  const header = Buffer.from(`${username}:${password}`).toString('base64');
  return [header, encodeURIComponent(header), password, encodeURIComponent(password)];
}

/** Without the cause: it may hold the answer as it came. */
function redacted({ code, message, data }: GitError, secrets: readonly string[]): GitError {
  const hide = (text: string) => secrets.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text);
  const refs = data.refs?.map(({ ref, reason }) => ({ ref: hide(ref), reason: hide(reason) }));
  const remarks = data.remarks === undefined ? {} : { remarks: hide(data.remarks) };
  return new GitError(code, hide(message), { ...data, ...(refs && { refs }), ...remarks });
}
