import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { bareChanges } from '../krm/diff/file-changes.js';
import { pack, type Packed } from '../krm/diff/packed.js';
import type { TreeDiff } from '../krm/diff/tree-diff.js';
import { pairEntries, type TreeEntry } from '../krm/diff/tree-files.js';
import { ParseThread } from '../krm/parse-thread.js';
import { DEFAULT_YAML_LIMITS } from '../krm/yaml-limits.js';
import { ComparedStore } from './compared.store.js';
import { ContentStore } from './content.store.js';
import { KeptAnswers } from './kept-answers.js';
import { SecretHashKeys } from './secret-hash-keys.js';
import { entryOf, within } from './tree-entries.js';

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

/** Compares trees of the index, in a thread of their own: nothing that is written waits for them. */
@Injectable()
export class Comparisons {
  private readonly thread = new ParseThread();
  private readonly answers = new KeptAnswers<TreeDiff>(MOST_KEPT);
  private readonly keys = new SecretHashKeys();

  constructor(
    private readonly compared: ComparedStore,
    private readonly store: ContentStore,
    private readonly config: Config,
  ) {}

  /** Compares two trees. A comparison that takes too long gives the names of the files that differ, and nothing of what is in them. */
  async diff(pair: TreePair, options: ComparisonOptions): Promise<TreeDiff> {
    const key = JSON.stringify([pair.from, pair.to, options.showsSecrets, options.definitions]);
    return this.answers.get(key, () => this.compare(pair, options));
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
    const { defining, ...sides } = await this.compared.entries(pair.from, pair.to);
    const [before, after] = [sides.from.map(entryOf), sides.to.map(entryOf)];
    const differing = pairEntries(before, after).flatMap(({ from, to }) => [from, to]);
    const sizes = new Map(
      differing.flatMap((entry) => (entry && entry.mode !== '160000' ? [[entry.oid, entry.sizeBytes] as const] : [])),
    );
    const changed = within(sizes, MOST_COMPARED);
    const blobs = await this.store.readBlobs([...changed, ...defining, ...definitions]);
    const filled = (entries: readonly TreeEntry[]): TreeEntry[] =>
      entries.map((entry) => ({ ...entry, content: blobs.get(entry.oid) ?? null }));
    const [from, to] = [filled(before), filled(after)];
    const packed = pack(from, to, {
      limits: { ...DEFAULT_YAML_LIMITS, maxBytes: this.config.maxFileBytes },
      definitions: definitions.flatMap((oid) => blobs.get(oid) ?? []),
      secretsKey: showsSecrets ? null : this.keys.keyFor(pair.from, pair.to),
    });
    return { packed, from, to, isPartial: changed.length < sizes.size };
  }
}
