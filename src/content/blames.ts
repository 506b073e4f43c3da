import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import type { BlameVersion, TreeBlame } from '../krm/blame/blame-versions.js';
import { packBlame, type PackedBlame } from '../krm/blame/packed-blame.js';
import { ParseThread } from '../krm/parse-thread.js';
import { isYamlPath } from '../krm/parse.js';
import { DEFAULT_YAML_LIMITS } from '../krm/yaml-limits.js';
import type { ComparisonOptions } from './comparisons.js';
import { ContentStore } from './content.store.js';
import { KeptAnswers } from './kept-answers.js';
import { SecretHashKeys } from './secret-hash-keys.js';
import { entryOf, within } from './tree-entries.js';

/** A tree of the index as a version of a package, and those before it in the list that it comes from. */
export type TreeVersion = Pick<BlameVersion, 'previous' | 'upstream'> & { tree: string };

/** So many bytes are read, those of the newest versions first: they are copied while others wait. */
const MOST_READ = 16 * 1024 * 1024;
/** How much of what was asked for lately is kept, in bytes of JSON, about. */
const MOST_KEPT = 16 * 1024 * 1024;

/** Tells who set each field of a tree, in a thread of its own. That follows from the trees alone, so that what is kept never goes stale. */
@Injectable()
export class Blames {
  private readonly thread = new ParseThread();
  private readonly answers = new KeptAnswers<TreeBlame>(MOST_KEPT);
  private readonly keys = new SecretHashKeys();

  constructor(
    private readonly store: ContentStore,
    private readonly config: Config,
  ) {}

  /** Tells who set each field of the last of these versions. Where the thread takes too long, the answer has no objects and is `truncated`. */
  async blame(versions: readonly TreeVersion[], options: ComparisonOptions): Promise<TreeBlame> {
    const key = JSON.stringify([versions, options.showsSecrets, options.definitions]);
    return this.answers.get(key, () => this.compute(versions, options));
  }

  private async compute(versions: readonly TreeVersion[], options: ComparisonOptions): Promise<TreeBlame> {
    const { packed, isPartial } = await this.packed(versions, options);
    const blame = await this.thread.blame(packed);
    if (blame === null) return { objects: [], truncated: true, weight: 0 };
    return { ...blame, truncated: blame.truncated || isPartial };
  }

  private async packed(
    versions: readonly TreeVersion[],
    { definitions, showsSecrets }: ComparisonOptions,
  ): Promise<{ packed: PackedBlame; isPartial: boolean }> {
    const files = await this.store.filesOfTrees(versions.map(({ tree }) => tree));
    const entries = versions.map(({ tree }) =>
      (files.get(tree) ?? []).filter(({ path, mode }) => mode.startsWith('100') && isYamlPath(path)).map(entryOf),
    );
    const sizes = new Map(entries.toReversed().flatMap((each) => each.map(({ oid, sizeBytes }) => [oid, sizeBytes])));
    const read = within(sizes, MOST_READ);
    const blobs = await this.store.readBlobs([...read, ...definitions]);
    const filled = versions.map(({ previous, upstream }, at) => ({
      ...{ previous, upstream },
      entries: (entries[at] ?? []).map((entry) => ({ ...entry, content: blobs.get(entry.oid) ?? null })),
    }));
    const packed = packBlame(filled, {
      limits: { ...DEFAULT_YAML_LIMITS, maxBytes: this.config.maxFileBytes },
      definitions: definitions.flatMap((oid) => blobs.get(oid) ?? []),
      secretsKey: showsSecrets ? null : this.keys.keyFor(versions.at(-1)?.tree ?? null),
    });
    return { packed, isPartial: read.length < sizes.size };
  }
}
