import { decodeName, encodeName } from './git-hash.js';
import { GitError, type GitCommit, type GitSignature, type GitTag, type GitTreeEntry } from '../port.js';

/**
 * Commits, tags and trees to and from bytes. Reading is lenient where history holds oddities (no author, foreign
 * encodings, unheard-of modes), because one odd object must not take the repository with it.
 */

export function decodeTree(oid: string, bytes: Buffer): GitTreeEntry[] {
  const entries: GitTreeEntry[] = [];
  for (const entry of entriesIn(oid, bytes)) entries.push(decodeEntry(bytes, entry));
  return entries;
}

/** The entry of that name, without reading the others into objects: a directory may hold thousands. */
export function findInTree(oid: string, bytes: Buffer, name: string): GitTreeEntry | null {
  const wanted = encodeName(name);
  for (const entry of entriesIn(oid, bytes)) {
    const { nameStart, nameEnd } = entry;
    if (nameEnd - nameStart !== wanted.length) continue;
    if (bytes.compare(wanted, 0, wanted.length, nameStart, nameEnd) === 0) return decodeEntry(bytes, entry);
  }
  return null;
}

/** Where an entry of a tree lies in the tree's bytes. */
export interface EntrySpan {
  start: number;
  nameStart: number;
  nameEnd: number;
  end: number;
  isDirectory: boolean;
  /** As Git writes it: see {@link canonicalMode}. */
  mode: string;
  /** Whether the mode is written just so in the bytes. */
  isCanonical: boolean;
}

/** The entries of a tree, in its order. Throws GitError `protocol` where the bytes are no tree. */
export function* entriesIn(oid: string, bytes: Buffer): Generator<EntrySpan> {
  for (let start = 0; start < bytes.length;) {
    const space = bytes.indexOf(0x20, start);
    const nameEnd = bytes.indexOf(0, space + 1);
    if (space < 0 || nameEnd < 0 || nameEnd + 20 >= bytes.length) throw malformed('tree', oid);
    const mode = canonicalMode(readMode(oid, bytes, start, space));
    const isDirectory = mode === DIRECTORY;
    // A directory is written `40000`, without the zero that fills it up to six digits here.
    const isCanonical =
      space - start === (isDirectory ? 5 : 6) && isWritten(bytes, start, isDirectory ? '40000' : mode);
    yield { start, nameStart: space + 1, nameEnd, end: nameEnd + 21, isDirectory, mode, isCanonical };
    start = nameEnd + 21;
  }
}

function readMode(oid: string, bytes: Buffer, start: number, end: number): number {
  let mode = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) throw malformed('tree', oid);
    mode = (mode << 3) + digit;
  }
  return mode;
}

const isWritten = (bytes: Buffer, start: number, mode: string): boolean => {
  for (let at = 0; at < mode.length; at += 1) if (bytes[start + at] !== mode.charCodeAt(at)) return false;
  return true;
};

const DIRECTORY = '040000';
const FORMAT = 0o170000;

/** The one of the five modes that Git takes an entry for, as its own `canon_mode` does: old versions wrote others. */
function canonicalMode(mode: number): string {
  if ((mode & FORMAT) === 0o100000) return (mode & 0o100) === 0 ? '100644' : '100755';
  if ((mode & FORMAT) === 0o120000) return '120000';
  return (mode & FORMAT) === 0o040000 ? DIRECTORY : '160000';
}

function decodeEntry(bytes: Buffer, { mode, nameStart, nameEnd, end }: EntrySpan): GitTreeEntry {
  return {
    mode,
    name: decodeName(bytes.subarray(nameStart, nameEnd)),
    oid: bytes.toString('hex', nameEnd + 1, end),
  };
}

export function decodeCommit(oid: string, bytes: Buffer): GitCommit {
  const { headers, message } = decodeHeaders(bytes);
  const tree = headers.find(([name]) => name === 'tree')?.[1];
  if (tree === undefined) throw malformed('commit', oid);
  const author = signature(headers, 'author') ?? UNKNOWN;
  return {
    oid,
    tree,
    parents: headers.filter(([name]) => name === 'parent').map(([, value]) => value),
    author,
    committer: signature(headers, 'committer') ?? author,
    message,
  };
}

export function encodeCommit(commit: Omit<GitCommit, 'oid'>): Buffer {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${formatSignature(commit.author)}`,
    `committer ${formatSignature(commit.committer)}`,
  ];
  return Buffer.from(`${lines.join('\n')}\n\n${commit.message}`);
}

export function decodeTag(oid: string, bytes: Buffer): GitTag {
  const { headers, message } = decodeHeaders(bytes);
  const value = (wanted: string) => headers.find(([name]) => name === wanted)?.[1];
  const object = value('object');
  const type = value('type');
  if (object === undefined || !isObjectType(type)) throw malformed('tag', oid);
  const tagger = signature(headers, 'tagger');
  return { oid, object, type, tag: value('tag') ?? '', message, ...(tagger ? { tagger } : {}) };
}

export function encodeTag(tag: Omit<GitTag, 'oid'>): Buffer {
  const lines = [`object ${tag.object}`, `type ${tag.type}`, `tag ${tag.tag}`];
  if (tag.tagger) lines.push(`tagger ${formatSignature(tag.tagger)}`);
  return Buffer.from(`${lines.join('\n')}\n\n${tag.message}`);
}

export function malformed(type: string, oid: string): GitError {
  return new GitError('protocol', `The repository holds a malformed ${type}: ${oid}.`);
}

type Header = [name: string, value: string];

const UNKNOWN: GitSignature = { name: '', email: '', timestamp: 0, timezoneOffset: 0 };

function decodeHeaders(bytes: Buffer): { headers: Header[]; message: string } {
  const end = bytes.indexOf('\n\n');
  const head = end < 0 ? bytes : bytes.subarray(0, end);
  const encoding = /^encoding (\S+)$/m.exec(head.toString('latin1'))?.[1];
  const text = decodeText(head, encoding);
  const message = end < 0 ? '' : decodeText(bytes.subarray(end + 2), encoding);
  const headers = text
    .split('\n')
    // A line that starts with a space goes on with a signature or an embedded tag: nothing that is read here.
    .filter((line) => !line.startsWith(' '))
    .map((line): Header => {
      const space = line.indexOf(' ');
      return space < 0 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)];
    });
  return { headers, message };
}

function decodeText(bytes: Buffer, encoding = 'utf-8'): string {
  try {
    return new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}

function signature(headers: Header[], wanted: string): GitSignature | undefined {
  const text = headers.find(([name]) => name === wanted)?.[1];
  if (text === undefined) return undefined;
  const match = /^(.*?) ?<([^>]*)>(?: (-?\d+))?(?: ([+-])(\d{2,})(\d\d))?/.exec(text);
  if (!match) return { ...UNKNOWN, name: text };
  const [, name = '', email = '', seconds = '0', sign, hours = '0', minutes = '0'] = match;
  const offset = Number(hours) * 60 + Number(minutes);
  return { name, email, timestamp: Number(seconds), timezoneOffset: sign === '+' && offset > 0 ? -offset : offset };
}

/** Names and addresses may not hold what delimits them; Git drops the same characters. */
function formatSignature({ name, email, timestamp, timezoneOffset }: GitSignature): string {
  const clean = (text: string) => text.replace(/[<>\n\0]/g, '').trim();
  const minutes = Math.abs(timezoneOffset);
  const zone = String(Math.floor(minutes / 60)).padStart(2, '0') + String(minutes % 60).padStart(2, '0');
  return `${clean(name)} <${clean(email)}> ${Math.floor(timestamp)} ${timezoneOffset > 0 ? '-' : '+'}${zone}`;
}

function isObjectType(type: string | undefined): type is GitTag['type'] {
  return type === 'commit' || type === 'tag' || type === 'tree' || type === 'blob';
}
