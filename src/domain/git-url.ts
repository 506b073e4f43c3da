import { DomainError } from './errors.js';

export interface GitUrl {
  /** As it is dialled. */
  href: string;
  /** Equal for URLs that name the same repository: host in lower case, no default port, no trailing `/` or `.git`. */
  key: string;
  url: URL;
}

/**
 * Reads the URL of a Git repository. Throws `invalidUrl`, pointing at `pointer`, for what is not an http(s) URL of a
 * repository, or holds credentials, a query or a fragment. The message never repeats the URL: it may hold a password.
 */
export function parseGitUrl(text: string, pointer = '/git/url'): GitUrl {
  const refuse = (message: string) =>
    new DomainError('invalidUrl', message, { errors: [{ pointer, code: 'invalidUrl', message }] });
  if (text.length > 2048) throw refuse('The URL is longer than 2048 characters.');
  // The URL parser drops these without a word, and then the URL is another one than was reviewed.
  if (/[\s\p{Cc}\\]/u.test(text)) throw refuse('The URL has a space, a backslash or a control character in it.');
  if (/^(ssh|git|file|ftp):|^[^/:]+@[^/]+:/i.test(text)) {
    throw refuse(
      'Only https URLs (and http ones of allowed hosts) are taken, such as https://git.example.com/team/repository.git.',
    );
  }
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) {
    throw refuse('This is not a URL such as https://git.example.com/team/repository.git.');
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw refuse('Leave credentials out of the URL; create a credential and name it in `credentialId`.');
  }
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(text))
    throw refuse('The URL must not have a query or a fragment.');
  const path = url.pathname.replace(/\/+$/, '');
  if (path === '' || path === '/.git') throw refuse('The URL names a host, but no repository on it.');
  return { href: url.href, key: keyOf(url, path), url };
}

/** `http` and `https` of one host are one repository, and so are two ways to escape the same path. */
function keyOf(url: URL, path: string): string {
  const plain = path.replace(/\.git$/, '').replaceAll(/\/{2,}/g, '/');
  return `${url.host}${decodeSafely(plain)}`;
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
