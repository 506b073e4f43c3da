import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { DomainError } from '../domain/errors.js';
import { MERGE_SIDES, type MergeSide } from '../domain/upgrade.js';
import { KPTFILE } from '../krm/kptfile.js';
import type { MergedPackage, PackageMergeRequest } from '../krm/merge/merge-package.js';
import { packMerge } from '../krm/merge/packed-merge.js';
import { ParseThread } from '../krm/parse-thread.js';
import { DEFAULT_YAML_LIMITS } from '../krm/yaml-limits.js';
import type { ContentFile } from './content.js';
import { ContentService, type NewFile } from './content.service.js';
import { ContentStore } from './content.store.js';
import { withFolder } from './folders.js';
import { KeptAnswers } from './kept-answers.js';
import { SecretHashKeys } from './secret-hash-keys.js';
import { entryOf, within } from './tree-entries.js';

/** The trees of the three versions. */
export type MergedTrees = Record<MergeSide, string>;

export interface MergeOptions extends Omit<PackageMergeRequest, 'trees' | 'secretsKey'> {
  /** Blobs that hold definitions of custom resources; those in the trees are known without. */
  definitions: readonly string[];
}

/** What a merge tells its reader: conflicts, changes of either side and warnings, without the files. */
export type LookedAt = Omit<MergedPackage, 'entries'>;

/** The same, and the Git tree that the merged files were stored as. */
export interface MergedContent extends LookedAt {
  tree: string;
}

interface Merged extends MergedPackage {
  /** Files of the versions, by which the entries are known. */
  known: ReadonlyMap<string, ContentFile>;
  weight: number;
  /** The tree that it was stored as; undefined: not yet. */
  stored?: string;
}

/** So many bytes of files that differ are merged; what is beyond that counts as a whole. */
const MOST_MERGED = 64 * 1024 * 1024;
/** How much of what was merged lately is kept, in bytes, about. */
const MOST_KEPT = 32 * 1024 * 1024;
/** How many bytes of that an entry or a conflict is counted for, beside its content. */
const BYTES_PER_ENTRY = 300;

/** Merges trees of the index. What comes out follows from the trees alone, so that fleets of equal packages are merged once. */
@Injectable()
export class Merges {
  private readonly thread = new ParseThread();
  private readonly answers = new KeptAnswers<Merged>(MOST_KEPT);
  private readonly keys = new SecretHashKeys();

  constructor(
    private readonly contents: ContentService,
    private readonly store: ContentStore,
    private readonly config: Config,
  ) {}

  /** Merges and tells what came out; stores nothing. */
  async look(trees: MergedTrees, options: MergeOptions): Promise<LookedAt> {
    const {
      known: _known,
      entries: _entries,
      weight: _weight,
      stored: _stored,
      ...told
    } = await this.compute(trees, options);
    return told;
  }

  /** Merges, and stores the result. Throws `invalidPackage` where there can be none, `packageTooLarge` for one that is too large. */
  async merge(trees: MergedTrees, options: MergeOptions): Promise<MergedContent> {
    const merged = await this.compute(trees, options);
    const { known, entries, weight: _, stored, ...told } = merged;
    if (stored !== undefined && (await this.store.knownTrees([stored], { yaml: true })).has(stored)) {
      return { ...told, tree: stored };
    }
    const written: NewFile[] = [];
    const kept: ContentFile[] = [];
    for (const { path, mode, oid, content } of entries) {
      if (oid === null) written.push({ path, mode, content: content ?? Buffer.alloc(0) });
      else {
        const file = known.get(fileKey(path, oid));
        if (!file) throw new Error('A merge has made an entry that none of its versions holds.');
        kept.push({ ...file, mode });
      }
    }
    this.assertSize([...written.map(({ content }) => content.byteLength), ...kept.map(({ sizeBytes }) => sizeBytes)]);
    merged.stored = (await this.contents.savePackage(written, kept)).oid;
    return { ...told, tree: merged.stored };
  }

  /** Stores a tree with another one in the place of a folder. Throws `packageTooLarge`. */
  async withFolder(tree: string, folder: string, content: string): Promise<string> {
    const entries = withFolder(folder, await this.store.filesOf(tree), await this.store.filesOf(content));
    this.assertSize(entries.map(({ sizeBytes }) => sizeBytes));
    return (await this.contents.savePackage([], entries)).oid;
  }

  private compute(trees: MergedTrees, options: MergeOptions): Promise<Merged> {
    return this.answers.get(JSON.stringify([trees, options]), () => this.computeAnew(trees, options));
  }

  private async computeAnew(trees: MergedTrees, { definitions, ...options }: MergeOptions): Promise<Merged> {
    const files = await this.store.filesOfTrees(MERGE_SIDES.map((side) => trees[side]));
    const all = MERGE_SIDES.flatMap((side) => files.get(trees[side]) ?? []);
    const defining = await this.store.definitionsIn(all.map(({ oid }) => oid));
    const changed = within(sizesOfChanged(MERGE_SIDES.map((side) => files.get(trees[side]) ?? [])), MOST_MERGED);
    const blobs = await this.store.readBlobs([...new Set([...changed, ...defining, ...definitions])]);
    const filled = (side: MergeSide) =>
      (files.get(trees[side]) ?? []).map((file) => ({ ...entryOf(file), content: blobs.get(file.oid) ?? null }));
    const request = {
      ...options,
      trees: MERGE_SIDES.map((side) => trees[side]).join(' '),
      secretsKey: this.keys.keyFor(trees.ours, trees.theirs),
    };
    const packed = packMerge({ base: filled('base'), ours: filled('ours'), theirs: filled('theirs') }, request, {
      limits: { ...DEFAULT_YAML_LIMITS, maxBytes: this.config.maxFileBytes },
      definitions: definitions.flatMap((oid) => blobs.get(oid) ?? []),
    });
    const merged = await this.thread.merge(packed);
    const fresh = merged.entries.reduce((sum, { content }) => sum + (content?.byteLength ?? 0), 0);
    const known = new Map(all.map((file) => [fileKey(file.path, file.oid), file]));
    return { ...merged, known, weight: fresh + (merged.conflicts.length + all.length) * BYTES_PER_ENTRY };
  }

  private assertSize(sizes: readonly number[]): void {
    const sizeBytes = sizes.reduce((sum, size) => sum + size, 0);
    const { maxPackageBytes } = this.config;
    if (sizeBytes <= maxPackageBytes) return;
    const message = `The merged package would have ${sizeBytes} bytes; ${maxPackageBytes} is the limit.`;
    throw new DomainError('packageTooLarge', message, { sizeBytes, maxPackageBytes });
  }
}

const fileKey = (path: string, oid: string): string => `${path}\0${oid}`;

/** The sizes, by object id, of the files that differ between the versions, and of the `Kptfile` of each. */
function sizesOfChanged(versions: readonly (readonly ContentFile[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { path, oid, mode } of versions.flat()) {
    const key = `${path}\0${oid}\0${mode}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const changed = versions
    .flat()
    .filter(
      ({ path, oid, mode }) => path === KPTFILE || (counts.get(`${path}\0${oid}\0${mode}`) ?? 0) < versions.length,
    );
  return new Map(changed.flatMap(({ oid, mode, sizeBytes }) => (mode === '160000' ? [] : [[oid, sizeBytes] as const])));
}
