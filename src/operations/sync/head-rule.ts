import { type Discovery, PathRules } from '../../domain/discovery.js';
import { pathBelowDirectory } from '../../domain/identity.js';
import type { GitObjects, GitTreeEntry } from '../../git/port.js';
import { entriesOf, folders } from './head-walk.js';

/** What a directory of the ref is: a package, a folder below which packages may be, or one without any. */
export type Judgement = 'package' | 'folder' | 'closed';

/** Whether one of the files that directly lie in a directory holds a KRM document. */
export type HoldsKrm = (entries: readonly GitTreeEntry[]) => Promise<boolean>;

/** Says which directories of a repository's ref are packages, as its `discovery` wants it. */
export class HeadRule {
  private readonly paths: PathRules;
  /** Trees that were looked at, since one can lie in many places. */
  private readonly held = new Map<string, Promise<boolean>>();

  constructor(
    private readonly git: GitObjects,
    private readonly discovery: Discovery,
    /** The repository's directory. */
    private readonly root: string,
    private readonly holdsKrm: HoldsKrm,
  ) {
    this.paths = new PathRules(discovery);
  }

  /** Whether it depends on nothing but a directory's content what it is. */
  get goesByContent(): boolean {
    return !this.paths.areGiven;
  }

  /** Whether the repository's directory itself may be a package where nothing below it is one. */
  get takesRootLast(): boolean {
    return this.discovery.mode === 'krm' && this.root !== '' && this.discovery.include.length === 0;
  }

  async isRoot(tree: string): Promise<boolean> {
    const entries = await entriesOf(this.git, tree);
    return !this.paths.excludes('') && !isChart(entries) && this.holdsDirectly(tree, entries);
  }

  async judge(directory: string, tree: string, entries: readonly GitTreeEntry[]): Promise<Judgement> {
    const path = pathBelowDirectory(this.root, directory);
    // The repository's own root is never a package: its path would be empty.
    if (path === null) return 'folder';
    if (this.paths.excludes(path)) return 'closed';
    if (this.discovery.mode === 'kptfile') {
      return holdsKptfile(entries) && this.paths.includes(path) ? 'package' : 'folder';
    }
    if (isChart(entries)) return 'closed';
    if (this.discovery.include.length > 0) {
      return this.paths.includes(path) && (await this.holdsAnywhere(directory, tree, entries)) ? 'package' : 'folder';
    }
    return directory !== this.root && (await this.holdsDirectly(tree, entries)) ? 'package' : 'folder';
  }

  /** Whether a directory holds a KRM document itself, not below. */
  private holdsDirectly(tree: string, entries: readonly GitTreeEntry[]): Promise<boolean> {
    return this.once(tree, () => this.holdsKrm(entries));
  }

  /** How many directories directly hold a KRM document, wherever they are, but for Helm charts. */
  async count(tree: string): Promise<number> {
    const counts = new Map<string, number>();
    const countIn = async (oid: string): Promise<number> => {
      const known = counts.get(oid);
      if (known !== undefined) return known;
      const entries = await entriesOf(this.git, oid);
      if (isChart(entries)) return 0;
      let count = (await this.holdsDirectly(oid, entries)) ? 1 : 0;
      for (const folder of folders(entries).values()) count += await countIn(folder);
      counts.set(oid, count);
      return count;
    };
    return countIn(tree);
  }

  private async holdsAnywhere(directory: string, tree: string, entries: readonly GitTreeEntry[]): Promise<boolean> {
    if (await this.holdsDirectly(tree, entries)) return true;
    for (const [name, oid] of folders(entries)) {
      const below = `${directory}/${name}`;
      const path = pathBelowDirectory(this.root, below);
      if (path === null || this.paths.excludes(path)) continue;
      const inner = await entriesOf(this.git, oid);
      if (!isChart(inner) && (await this.holdsAnywhere(below, oid, inner))) return true;
    }
    return false;
  }

  private once(tree: string, look: () => Promise<boolean>): Promise<boolean> {
    const known = this.held.get(tree) ?? look();
    this.held.set(tree, known);
    return known;
  }
}

const holdsFile = (entries: readonly GitTreeEntry[], name: string): boolean =>
  entries.some((entry) => entry.name === name && entry.mode.startsWith('100'));
const holdsKptfile = (entries: readonly GitTreeEntry[]): boolean => holdsFile(entries, 'Kptfile');
/** What lies in a Helm chart are templates, and values. */
const isChart = (entries: readonly GitTreeEntry[]): boolean => holdsFile(entries, 'Chart.yaml');
