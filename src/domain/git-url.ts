import { type DomainError, refusal } from './errors.js';

export interface GitUrl {
  /** As it is dialled. */
  href: string;
  /** Equal for URLs that name the same repository: host in lower case, no user, no default port, no trailing `/` or `.git`. */
  key: string;
  url: URL;
}

/**
 * Reads the URL of a Git repository. Throws `invalidUrl` for what is not an http(s) or ssh URL of
 * a repository, or holds a secret, a query or a fragment. The message never repeats the URL: it may hold a password.
 */
export function parseGitUrl(text: string): GitUrl {
  const refuse = (message: string) => refusal('invalidUrl', '/git/url', 'invalidUrl', message);
  if (text.length > 2048) throw refuse('The URL is longer than 2048 characters.');
  // The URL parser drops these without a word, and then the URL is another one than was reviewed.
  if (/[\s\p{Cc}\\]/u.test(text)) throw refuse('The URL has a space, a backslash or a control character in it.');
  if (/^[^/:]+@[^/]+:/.test(text)) {
    throw refuse(`Write the short form user@host:path as ssh://user@host/path, such as ${SSH_EXAMPLE}.`);
  }
  if (/^(git|file|ftp|git\+ssh|ssh\+git):/i.test(text)) {
    throw refuse(`Only https and ssh URLs (and http ones of allowed hosts) are taken, such as ${HTTPS_EXAMPLE}.`);
  }
  const isSsh = /^ssh:/i.test(text);
  const url = isSsh ? parseSsh(text, refuse) : parseHttp(text, refuse);
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(text))
    throw refuse('The URL must not have a query or a fragment.');
  const path = url.pathname.replace(/\/+$/, '');
  if (path === '' || path === '/.git') throw refuse('The URL names a host, but no repository on it.');
  return { href: url.href, key: keyOf(url, path), url };
}

const HTTPS_EXAMPLE = 'https://git.example.com/team/repository.git';
const SSH_EXAMPLE = 'ssh://git@git.example.com/team/repository.git';

type Refuse = (message: string) => DomainError;

function parseHttp(text: string, refuse: Refuse): URL {
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) {
    throw refuse(`This is not a URL such as ${HTTPS_EXAMPLE}.`);
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw refuse('Leave credentials out of the URL; create a credential and name it in `credentialId`.');
  }
  return url;
}

/**
 * User and host end up in a command line, where `-` would begin an option; the URL parser leaves the host of an ssh URL
 * as it is, so it is read as that of an https one: `127.1` and `Git.Example.Com` must not pass for other hosts.
 */
function parseSsh(text: string, refuse: Refuse): URL {
  const [whole, userInfo = '', host = '', port = SSH_PORT, path = ''] = SSH_URL.exec(text) ?? [];
  if (userInfo.includes(':')) {
    throw refuse('Leave the password out of the URL; create a credential of type ssh and name it in `credentialId`.');
  }
  if (whole !== undefined && userInfo === '') throw refuse(`Say who signs in, mostly git, such as ${SSH_EXAMPLE}.`);
  const user = userInfo.slice(0, -1);
  const hostname = URL.canParse(`https://${host}`) ? new URL(`https://${host}`).hostname : '';
  const href = `ssh://${user}@${hostname}${port === SSH_PORT ? '' : `:${port}`}${path}`;
  if (!SSH_USER.test(user) || !SSH_HOST.test(hostname) || !URL.canParse(href) || /\p{Cc}/u.test(decodeSafely(path))) {
    throw refuse(`This is not a URL such as ${SSH_EXAMPLE}.`);
  }
  return new URL(href);
}

const SSH_PORT = '22';
const SSH_URL = /^ssh:\/\/([^/@]*@)?(\[[^\]/]*\]|[^/:@]*)(?::([1-9]\d{0,4}))?(\/.*)?$/i;
const SSH_USER = /^\w[\w.+-]*$/;
const SSH_HOST = /^(?:[a-z0-9_][a-z0-9._-]*|\[[0-9a-f:.]+\])$/;

/**
 * `http`, `https` and `ssh` of one host are one repository, and so are two ways to escape the same path. Below `/~/` is
 * the home of whoever signs in.
 */
function keyOf(url: URL, path: string): string {
  // Read once more: Node leaves a last "." where the path begins with two slashes.
  const { pathname } = new URL(path.replaceAll(/\/{2,}/g, '/'), 'https://host');
  const plain = pathname.replace(/\/+$/, '').replace(/\.git$/, '');
  const decoded = decodeSafely(plain);
  return `${url.host}${url.protocol === 'ssh:' ? decoded.replace(/^\/~\//, `/~${url.username}/`) : decoded}`;
}

function decodeSafely(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** `localhost` and what is below it: never a host of the public internet, whatever it resolves to. */
export function isLocalName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  return name === 'localhost' || name.endsWith('.localhost');
}

/**
 * Where a URL leads, as credentials name it: the host, with the port where that is not the one of https or ssh. So one of http is
 * never that of https. `href` is one of {@link GitUrl}.
 */
export function hostOf(href: string): string {
  const { protocol, host, port } = new URL(href);
  return protocol === 'http:' && port === '' ? `${host}:80` : host;
}

/** Whether a text is a host as {@link hostOf} writes them. */
export const isHost = (text: string): boolean =>
  /^(?:[a-z0-9_][a-z0-9._-]*|\[[0-9a-f:.]+\])(?::[1-9]\d{0,4})?$/.test(text) && text.length <= 261;
