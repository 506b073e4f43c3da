import { MAY_NOT_WRITE, networkError, reasonIn, type Refused, statusError } from '../git-error.js';
import { printable, remoteError } from '../smart-http/pkt-line.js';
import { GitError } from '../port.js';
import type { Route } from './route.js';
import { SSH_NEEDS_GIT } from '../ssh-url.js';

type Explain = (host: string, match: RegExpExecArray, refused: Refused) => Error;

const error =
  (code: GitError['code'], text: (host: string) => string): Explain =>
  (host) =>
    new GitError(code, text(host));

const coded =
  (code: string): Explain =>
  (host, _, { proxy }) =>
    networkError(Object.assign(new Error(code), { code }), host, proxy);

/** As {@link proxyFault} reads it. */
const tunnel: Explain = (host, match, { proxy }) =>
  networkError(new Error(`Proxy response (${match[1] ?? match[2]})`), host, proxy);

/** What git complains of (in English, for LC_ALL is C), and what it means; the first that matches counts. */
const COMPLAINTS: readonly (readonly [RegExp, Explain])[] = [
  // Of this machine: what the remote says of its own begins with `remote:`.
  ...(
    [
      [/^(?!remote: ).*No space left on device/m, 'ENOSPC'],
      [/^(?!remote: ).*Disk quota exceeded/m, 'EDQUOT'],
      [/^(?!remote: ).*: File too large/m, 'EFBIG'],
      [/^(?!remote: ).*Read-only file system/m, 'EROFS'],
      [/^(?!remote: ).*Too many open files/m, 'EMFILE'],
      [/^(?!remote: ).*(?:Cannot fork|unable to create threaded|Resource temporarily unavailable)/im, 'EAGAIN'],
      [/^(?!remote: ).*(?:Out of memory|Cannot allocate memory)/m, 'ENOMEM'],
      [/^(?!remote: ).*Input\/output error/m, 'EIO'],
      [
        /^(?:fatal|error): (?:unable|could not|cannot|failed|insufficient).*(?:: Permission denied$|permission for adding)/im,
        'EACCES',
      ],
      // A helper that was ended, by a limit of this machine say, leaves no word of its own.
      [/died of signal|^fatal: fetch-pack: invalid index-pack output\s*$/, 'GIT_ENDED'],
    ] as const
  ).map(([pattern, code]) => [pattern, () => Object.assign(new Error(`git says ${code}.`), { code })] as const),
  [
    /packfile \S+ (does not|cannot|is|claims)|index file \S+ (is|cannot)|object \S+ (\(stored in \S+\) )?is corrupt|bad object refs/,
    error('missingObject', () => 'An object is missing from the mirror or damaged.'),
  ],
  [/remote error: (.+)|^(?:remote: )?(.*not our ref.*)$/m, (_, match) => remoteError(match[1] ?? match[2] ?? '')],
  [
    /couldn't find remote ref|unadvertised object/,
    error('staleRef', (host) => `${host} does not have what was asked for any more.`),
  ],
  [
    /terminal prompts disabled|Authentication failed|could not read (Username|Password)/,
    (host, _, refused) => statusError(401, host, refused),
  ],
  [/HTTP code (\d{3}) from proxy|CONNECT tunnel failed, response (\d{3})/, tunnel],
  [
    /returned error: (\d{3})|HTTP (\d{3})/,
    (host, match, refused) => statusError(Number(match[1] ?? match[2]), host, refused),
  ],
  [/unable to update url base from redirection/, (host) => statusError(301, host)],
  [/^fatal: repository '.*' not found/m, (host) => statusError(404, host)],
  [/cannot run ssh|ssh: not found|ssh: No such file/, error('hostRefused', () => SSH_NEEDS_GIT)],
  [
    /Host key verification failed/,
    error('unreachable', (host) => `The host key of ${host} is none of the known hosts of the credential.`),
  ],
  [
    /Permission denied \(|Load key|no mutual signature algorithm/,
    error('authenticationFailed', (host) => `${host} does not accept the key.`),
  ],
  // What hosts say over ssh to a key that may only read.
  [
    new RegExp(`^(?:remote: )?(?:ERROR: )?(.*(?:${MAY_NOT_WRITE.source}).*)$[^]*Could not read from remote`, 'im'),
    (host, match) => new GitError('authenticationFailed', `${host} refuses access: ${printable(match[1] ?? '')}`),
  ],
  [
    /does not appear to be a git repository|[Rr]epository not found|[Nn]o such (file or directory|repository)/,
    (host) => statusError(404, host),
  ],
  [/Operation too slow|[Tt]imed out|Timeout|not responding/, coded('ETIMEDOUT')],
  [/Could not resolve (?:host|proxy)|Name or service not known/, coded('ENOTFOUND')],
  [
    /Failed to connect|Couldn't connect|Connection refused|Network is unreachable|No route to host/,
    coded('ECONNREFUSED'),
  ],
  [/SSL|certificate|gnutls/i, error('unreachable', (host) => `The TLS certificate of ${host} is not accepted.`)],
  [
    /early EOF|hung up unexpectedly|RPC failed|unexpected disconnect|expected flush|transfer closed/,
    coded('ECONNRESET'),
  ],
  [/did not send all necessary objects/, error('protocol', (host) => `${host} did not send all that was asked for.`)],
  [
    /index-pack|unpack-objects|bad pack|pack has/,
    error('protocol', () => 'The remote sent a pack that cannot be read.'),
  ],
  [
    /bad object|unable to read|invalid object|is corrupt/,
    error('missingObject', () => 'An object is missing from the mirror or damaged.'),
  ],
  [
    /protocol error|bad line|unexpected line|invalid server response/,
    error('protocol', (host) => `${host} does not answer as a Git server would.`),
  ],
];

/** Why git failed, as an error for users. Its own words may hold paths of this machine: they are the cause, for logs. */
export function gitFailure(said: string, { host, signedIn, proxy }: Pick<Route, 'host' | 'signedIn' | 'proxy'>): Error {
  const stderr = proxy === undefined ? said : said.replaceAll(proxy.href, proxy.origin);
  // git shows the body of a refusal where it is plain text.
  const reason = reasonIn(/^remote: (.+)$/m.exec(stderr)?.[1] ?? '', 'text/plain');
  for (const [pattern, explain] of COMPLAINTS) {
    const match = pattern.exec(stderr);
    if (!match) continue;
    const failure = explain(host, match, { reason, signedIn, proxy });
    failure.cause ??= new Error(stderr.trim());
    return failure;
  }
  const cause = new Error(stderr.trim());
  return new GitError('unreachable', `The exchange with ${host} failed.`, {}, { cause });
}
