import type { ReadFile } from './read-objects.js';
import { mayHoldSecret } from './secrets.js';
import { Stopwatch, textHunks } from './text-patch.js';
import type { Room } from './room.js';
import { type EntryPair, textOf } from './tree-files.js';

export const CHANGES = ['added', 'removed', 'changed', 'moved'] as const;
export type Change = (typeof CHANGES)[number];

/** A file that differs in its bytes, its mode or its place. */
export interface FileChange {
  path: string;
  /** Where it was, byte for byte; null: it was not moved. */
  fromPath: string | null;
  change: Change;
  /** Whether it is compared as bytes. */
  binary: boolean;
  /** Whether it holds nothing but objects, and is compared as these. */
  krm: boolean;
  /** Git's, of both versions; null: it is not in that one. */
  fromMode: string | null;
  toMode: string | null;
  /** Why it is compared as text, although its name says that it is YAML; null: it can be read. */
  parseError: string | null;
  /** The lines that differ, of a file that is compared as text; null where it is not, or that is too long or not to be shown. */
  patch: string | null;
}

/** A pair, and what was read in its files. */
export interface ReadPair extends EntryPair {
  before: ReadFile | undefined;
  after: ReadFile | undefined;
}

const LONGEST_PATCH = 64 * 1024;

/** What became of each file. One that went and came back elsewhere with the same bytes was moved. */
export function fileChanges(pairs: readonly ReadPair[], room: Room, showsSecrets: boolean): FileChange[] {
  const gone = new Map<string, ReadPair[]>();
  for (const pair of pairs) {
    if (pair.to || !pair.from) continue;
    const id = `${pair.from.oid} ${pair.from.mode}`;
    gone.set(id, [...(gone.get(id) ?? []), pair]);
  }
  const moves = new Map<ReadPair, ReadPair>();
  for (const pair of pairs) {
    const from = pair.from || !pair.to ? undefined : gone.get(`${pair.to.oid} ${pair.to.mode}`)?.shift();
    if (from) moves.set(pair, from);
  }
  const moved = new Set(moves.values());
  const watch = new Stopwatch();
  const changes: FileChange[] = [];
  for (const pair of pairs) {
    if (moved.has(pair)) continue;
    if (!room.take(0)) break;
    const origin = moves.get(pair);
    const whole = origin ? { ...pair, from: origin.from, before: origin.before } : pair;
    changes.push(fileChange(whole, room, showsSecrets, watch));
  }
  return changes;
}

function fileChange(pair: ReadPair, room: Room, showsSecrets: boolean, watch: Stopwatch): FileChange {
  const { from, to, before, after } = pair;
  const isMoved = from !== undefined && to !== undefined && from.path !== to.path;
  const krm = [before, after].every((read) => read === undefined || !read.isMixed) && (before ?? after) !== undefined;
  const texts = [from, to].map((entry) => (entry ? textOf(entry.content ?? new Uint8Array()) : ''));
  const [old = null, fresh = null] = texts;
  const binary = old === null || fresh === null;
  return {
    path: (to ?? from)?.path ?? '',
    fromPath: isMoved ? from.path : null,
    change: from === undefined ? 'added' : to === undefined ? 'removed' : isMoved ? 'moved' : 'changed',
    binary,
    krm,
    fromMode: from?.mode ?? null,
    toMode: to?.mode ?? null,
    parseError: before?.parseError ?? after?.parseError ?? null,
    patch: krm || binary ? null : patchOf(old, fresh, room, showsSecrets, watch),
  };
}

function patchOf(from: string, to: string, room: Room, showsSecrets: boolean, watch: Stopwatch): string | null {
  if (!showsSecrets && (mayHoldSecret(from) || mayHoldSecret(to))) return null;
  const patch = textHunks(from, to, watch);
  return patch !== '' && patch.length <= LONGEST_PATCH && room.take(patch.length) ? patch : null;
}

/** What became of each file, where nothing is known of what is in them. */
export function bareChanges(pairs: readonly EntryPair[]): FileChange[] {
  return pairs.map(({ from, to }) => ({
    path: (to ?? from)?.path ?? '',
    fromPath: null,
    change: from === undefined ? 'added' : to === undefined ? 'removed' : 'changed',
    ...{ binary: false, krm: false, parseError: null, patch: null },
    fromMode: from?.mode ?? null,
    toMode: to?.mode ?? null,
  }));
}
