import { isSshKeyType, readPublicKey, SSH_KEY_TYPES } from './ssh-public-key.js';
import { UnreadableText } from './unreadable-text.js';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const HASHED_HOST = /^\|1\|[A-Za-z0-9+/]{27}=\|[A-Za-z0-9+/]{27}=$/;
/** Names, patterns and `[host]:port`, separated by commas. */
const HOSTS = /^[^\s|,]+(?:,[^\s|,]+)*$/;

/**
 * Checks lines as `ssh-keyscan` prints them and `~/.ssh/known_hosts` has them, and gives them with LF at every end.
 * Comments and empty lines are kept. Throws {@link UnreadableText} naming the line that is none: ssh would skip it
 * without a word, and then refuse the host. Markers are refused: keys are pinned one by one here.
 */
export function parseKnownHosts(given: string): string {
  const lines = given.trim().split(/\r\n?|\n/);
  const entries = lines.filter((line, index) => isEntry(line.trim(), index + 1));
  if (entries.length === 0) throw new UnreadableText('There is no host key in it. `ssh-keyscan <host>` prints them.');
  return `${lines.join('\n')}\n`;
}

function isEntry(line: string, number: number): boolean {
  if (line === '' || line.startsWith('#')) return false;
  const refuse = (why: string) => new UnreadableText(`Line ${number}: ${why}`);
  if (line.startsWith('@'))
    throw refuse('@cert-authority and @revoked are not taken; give the key of the host itself.');
  const [hosts = '', type = '', key = ''] = line.split(/[ \t]+/);
  if (isSshKeyType(hosts)) throw refuse('the host is missing before the key.');
  if (!HOSTS.test(hosts) && !HASHED_HOST.test(hosts)) throw refuse('it does not begin with a host.');
  if (!isSshKeyType(type)) throw refuse(`the host is not followed by one of ${SSH_KEY_TYPES.join(', ')}.`);
  if (!BASE64.test(key) || readPublicKey(Buffer.from(key, 'base64'))?.type !== type) {
    throw refuse('the key is not one of its type; something is missing from it, or it is too short to be safe.');
  }
  return true;
}
