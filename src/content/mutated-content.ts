import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';
import { DomainError } from '../domain/errors.js';
import type { Mutations } from '../domain/mutation.js';
import { pack } from '../krm/diff/packed.js';
import { isYamlPath } from '../krm/parse.js';
import { ParseThread } from '../krm/parse-thread.js';
import { DEFAULT_YAML_LIMITS } from '../krm/yaml-limits.js';
import type { MutatedPackage } from '../krm/mutate/mutate-package.js';
import { ContentService } from './content.service.js';
import { ContentStore } from './content.store.js';
import { KeptAnswers } from './kept-answers.js';
import { entryOf, within } from './tree-entries.js';

export interface MutatedTree {
  tree: string;
  /** Places in the list of mutations of those that no object has a place for. */
  unmatched: number[];
}

/** So many bytes are read of a package. */
const MOST_READ = 64 * 1024 * 1024;
/** How much of what came out lately is kept, in bytes, about. */
const MOST_KEPT = 8 * 1024 * 1024;

interface Mutated extends MutatedPackage {
  weight: number;
  /** The tree that it was stored as; undefined: not yet. */
  stored?: string;
}

/** Changes fields of stored packages. What comes out follows from the tree and the mutations alone: equal ones are worked out once. */
@Injectable()
export class MutatedContent {
  private readonly thread = new ParseThread();
  private readonly answers = new KeptAnswers<Mutated>(MOST_KEPT);

  constructor(
    private readonly contents: ContentService,
    private readonly store: ContentStore,
    private readonly config: Config,
  ) {}

  /** `name`: of the package. Throws `invalidPackage` where something cannot be changed safely, `packageTooLarge` for a result that is too large. */
  async mutated(tree: string, name: string, mutations: Mutations): Promise<MutatedTree> {
    const key = JSON.stringify([tree, name, mutations]);
    const answer = await this.answers.get(key, () => this.compute(tree, name, mutations));
    const { files, unmatched, stored } = answer;
    if (files.length === 0) return { tree, unmatched };
    if (stored !== undefined && (await this.store.knownTrees([stored], { yaml: true })).has(stored)) {
      return { tree: stored, unmatched };
    }
    const paths = new Set(files.map(({ path }) => path));
    const kept = (await this.store.filesOf(tree)).filter(({ path }) => !paths.has(path));
    this.assertSize([...files.map(({ content }) => content.byteLength), ...kept.map(({ sizeBytes }) => sizeBytes)]);
    answer.stored = (await this.contents.savePackage(files, kept)).oid;
    return { tree: answer.stored, unmatched };
  }

  private async compute(tree: string, name: string, mutations: Mutations): Promise<Mutated> {
    const files = await this.store.filesOf(tree);
    const read = files.filter(({ path, mode }) => mode.startsWith('100') && isYamlPath(path));
    const sizes = new Map(read.map(({ oid, sizeBytes }) => [oid, sizeBytes]));
    const blobs = await this.store.readBlobs(within(sizes, MOST_READ));
    const entries = read.map((file) => ({ ...entryOf(file), content: blobs.get(file.oid) ?? null }));
    const limits = { ...DEFAULT_YAML_LIMITS, maxBytes: this.config.maxFileBytes };
    const packed = pack(entries, [], { limits, definitions: [], secretsKey: null });
    const mutated = await this.thread.mutate(packed, name, mutations);
    return { ...mutated, weight: mutated.files.reduce((sum, { content }) => sum + content.byteLength, 0) };
  }

  private assertSize(sizes: readonly number[]): void {
    const sizeBytes = sizes.reduce((sum, size) => sum + size, 0);
    const { maxPackageBytes } = this.config;
    if (sizeBytes <= maxPackageBytes) return;
    const message = `The package would have ${sizeBytes} bytes; ${maxPackageBytes} is the limit.`;
    throw new DomainError('packageTooLarge', message, { sizeBytes, maxPackageBytes });
  }
}
