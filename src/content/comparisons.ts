import { createHmac, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { encodePath } from '../git/objects/git-hash.js';
import { bareChanges } from '../krm/diff/file-changes.js';
import { pack, type Packed } from '../krm/diff/packed.js';
import type { TreeDiff } from '../krm/diff/tree-diff.js';
import { pairEntries, type TreeEntry } from '../krm/diff/tree-files.js';
import { ParseThread } from '../krm/parse-thread.js';
import { DEFAULT_YAML_LIMITS } from '../krm/yaml-limits.js';
import type { ContentFile } from './content.js';
import { ContentStore } from './content.store.js';
import { Recent } from './recent.js';

/** Two trees to compare; null: nothing is there. */
export interface TreePair {
  from: string | null;
  to: string | null;
}

/** How it is compared. */
export interface ComparisonOptions {
  /** Blobs that hold definitions of custom resources; those in the trees are known without. */
  definitions: readonly string[];
  /** Whether the answer shows what Secrets hold; false: it has hashes in place of the values. */
  showsSecrets: boolean;
}

/** So many bytes of files that differ are compared: they are copied while others wait. */
const MOST_COMPARED = 16 * 1024 * 1024;
/** How much of what was compared lately is kept, in bytes of JSON, about. */
const MOST_KEPT = 16 * 1024 * 1024;
const LEAST_WEIGHT = 4 * 1024;

/** Compares trees of the index, in a thread of their own: nothing that is written waits for them. */
@Injectable()
export class Comparisons {
  private readonly thread = new ParseThread();
  private readonly known = new Recent<TreeDiff>(MOST_KEPT);
  private readonly open = new Map<string, Promise<TreeDiff>>();
  /** Hashes of Secrets are of this process alone: nobody else can tell what is behind one. */
  private readonly secret = randomBytes(32);

  constructor(
    private readonly store: ContentStore,
    private readonly config: Config,
  ) {}

  /** Compares two trees. A comparison that takes too long gives the names of the files that differ, and nothing of what is in them. */
  async diff(pair: TreePair, options: ComparisonOptions): Promise<TreeDiff> {
    const key = JSON.stringify([pair.from, pair.to, options.showsSecrets, options.definitions]);
    const known = this.known.get(key) ?? this.open.get(key);
    if (known !== undefined) return known;
    const work = this.compare(pair, options).finally(() => this.open.delete(key));
    this.open.set(key, work);
    const diff = await work;
    this.known.set(key, diff, LEAST_WEIGHT + diff.weight);
    return diff;
  }

  /** The unified diff that makes the one tree of the other; null where it is too long, or takes too long. */
  async patch(pair: TreePair, showsSecrets: boolean): Promise<string | null> {
    const { packed, isPartial } = await this.packed(pair, { definitions: [], showsSecrets });
    return isPartial ? null : this.thread.patch(packed);
  }

  private async compare(pair: TreePair, options: ComparisonOptions): Promise<TreeDiff> {
    const { packed, from, to, isPartial } = await this.packed(pair, options);
    const diff = await this.thread.diff(packed);
    if (diff !== null) return { ...diff, truncated: diff.truncated || isPartial };
    return { objects: [], files: bareChanges(pairEntries(from, to)), truncated: true, weight: 0 };
  }

  private async packed(
    pair: TreePair,
    { definitions, showsSecrets }: ComparisonOptions,
  ): Promise<{ packed: Packed; from: TreeEntry[]; to: TreeEntry[]; isPartial: boolean }> {
    const [before, after] = [await this.filesOf(pair.from), await this.filesOf(pair.to)];
    const differing = pairEntries(before, after).flatMap(({ from, to }) => [from, to]);
    const sizes = new Map(
      differing.flatMap((entry) => (entry && entry.mode !== '160000' ? [[entry.oid, entry.sizeBytes] as const] : [])),
    );
    const changed = within([...sizes], MOST_COMPARED);
    const defining = await this.store.definitionsIn([...before, ...after].map(({ oid }) => oid));
    const blobs = await this.store.readBlobs([...changed, ...defining, ...definitions]);
    const filled = (entries: readonly TreeEntry[]): TreeEntry[] =>
      entries.map((entry) => ({ ...entry, content: blobs.get(entry.oid) ?? null }));
    const [from, to] = [filled(before), filled(after)];
    const packed = pack(from, to, {
      limits: { ...DEFAULT_YAML_LIMITS, maxBytes: this.config.maxFileBytes },
      definitions: definitions.flatMap((oid) => blobs.get(oid) ?? []),
      secretsKey: showsSecrets ? null : this.keyFor(pair),
    });
    return { packed, from, to, isPartial: changed.length < sizes.size };
  }

  private async filesOf(tree: string | null): Promise<SizedEntry[]> {
    return tree === null ? [] : (await this.store.filesOf(tree)).map(entryOf);
  }

  /** The same for the same trees, so that the pages of an answer fit together. */
  private keyFor({ from, to }: TreePair): string {
    return createHmac('sha256', this.secret).update(`${from} ${to}`).digest('base64');
  }
}

type SizedEntry = TreeEntry & Pick<ContentFile, 'sizeBytes'>;

/** Gives each blob, in order, that still fits beside those before it; the others are compared without their bytes. */
export function within(sizes: readonly (readonly [string, number])[], most: number): string[] {
  let left = most;
  return sizes.flatMap(([oid, size]) => {
    if (size > left) return [];
    left -= size;
    return [oid];
  });
}

export function entryOf({ path, mode, oid, sizeBytes, hidden }: ContentFile): SizedEntry {
  return { path, mode, oid, sizeBytes, content: null, rawPath: hidden === undefined ? null : encodePath(path) };
}
