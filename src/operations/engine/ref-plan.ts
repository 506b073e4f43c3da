import { DomainError } from '../../domain/errors.js';
import { HEADS, TAGS, readRef, shortRef, tagRef } from '../../domain/ref-layout.js';
import { majorNumber, raise } from '../../domain/version.js';
import type { RefChange } from '../../git/port.js';

/** A planned deletion would be followed by a new value of the same ref: that would be a forced update. Push first. */
export class PlanFullError extends Error {
  override readonly name = 'PlanFullError';
}

/**
 * The ref changes of a group of operations, on top of the remote's refs as last listed. Operations read and change
 * the plan as if each had pushed already; only the difference is pushed, at once.
 */
export class RefPlan {
  private readonly planned = new Map<string, string | null>();
  private readonly newObjects = new Set<string>();
  private highest: Map<string, bigint> | null = null;
  private directories: Set<string> | null = null;
  /** How to take back what the operation at hand has planned, in order. */
  private journal: (() => void)[] = [];

  constructor(
    private readonly refs: ReadonlyMap<string, string>,
    /** Full name of the ref that holds the packages' heads. */
    readonly mainRef: string,
  ) {}

  current(ref: string): string | null {
    const planned = this.planned.get(ref);
    return planned === undefined ? (this.refs.get(ref) ?? null) : planned;
  }

  /** Throws DomainError `nameConflict` where somebody's ref leaves no room for a new one. */
  set(ref: string, next: string | null): void {
    if (next !== null && this.current(ref) === null) this.assertRoom(ref);
    const before = this.planned.get(ref);
    if (before === null && next !== null && this.refs.has(ref)) throw new PlanFullError(ref);
    this.planned.set(ref, next);
    this.journal.push(() => (before === undefined ? this.planned.delete(ref) : this.planned.set(ref, before)));
    this.countTag(ref, next);
  }

  addObjects(oids: Iterable<string>): void {
    for (const oid of oids) {
      if (this.newObjects.has(oid)) continue;
      this.newObjects.add(oid);
      this.journal.push(() => this.newObjects.delete(oid));
    }
  }

  /** The highest revision number among the tags of a package's directory; 0 where there is none. */
  highestRevision(directory: string): bigint {
    if (!this.highest) {
      this.highest = new Map();
      for (const [ref, oid] of this.refs) this.countTag(ref, oid);
      for (const [ref, oid] of this.planned) this.countTag(ref, oid);
    }
    return this.highest.get(directory) ?? 0n;
  }

  /**
   * What to push: new tags first, so that what the main ref delivers is published, then the main ref, new and moved
   * branches, and deletions last; each step is safe to repeat.
   */
  changes(): RefChange[] {
    const changes = [...this.planned]
      .map(([ref, next]): RefChange => ({ ref, expected: this.refs.get(ref) ?? null, next }))
      .filter((change) => change.expected !== change.next)
      .sort((a, b) => this.rank(a) - this.rank(b));
    if (!changes.some(({ ref }) => ref === this.mainRef)) return changes;
    return changes.map((change) => (this.rank(change) === 0 ? { ...change, needs: this.mainRef } : change));
  }

  /** Tags of a package's directory whose number is at least `least`. */
  tagsFrom(directory: string, least: bigint): string[] {
    const prefix = tagRef(directory, '');
    return [...this.refs.keys()].filter((ref) => {
      const leaf = ref.startsWith(prefix) ? ref.slice(prefix.length) : '';
      return (majorNumber(leaf) ?? -1n) >= least;
    });
  }

  objects(): string[] {
    return [...this.newObjects];
  }

  /** Runs `work`; when it throws, the plan is as it was before. */
  async attempt<T>(work: () => Promise<T>): Promise<T> {
    this.journal = [];
    try {
      return await work();
    } catch (error) {
      for (const takeBack of this.journal.reverse()) takeBack();
      throw error;
    }
  }

  /** Git keeps `a` and `a/b` in a file and a directory of one name. Names no ref that is not part of the new one's own name. */
  private assertRoom(ref: string): void {
    const kind = ref.startsWith(TAGS) ? 'tag' : 'branch';
    const above = parentsOf(ref).find((parent) => this.current(parent) !== null);
    const refuse = (what: string) => {
      const name = `${kind} "${shortRef(ref)}"`;
      throw new DomainError(
        'nameConflict',
        `Git cannot hold the ${name} beside ${what}. Once that is gone, try again.`,
      );
    };
    if (above !== undefined) refuse(`the ${kind} "${shortRef(above)}", which the remote has`);
    this.directories ??= new Set([...this.refs.keys()].flatMap(parentsOf));
    const isBelow = (other: string) => other.startsWith(`${ref}/`) && this.current(other) !== null;
    // Only a ref of the remote's is told: those that are planned beside each other were checked when they were named.
    if (this.directories.has(ref) && [...this.refs.keys()].some(isBelow)) refuse('others whose names begin with it');
  }

  private rank(change: RefChange): number {
    if (change.ref === this.mainRef) return 1;
    if (change.next === null) return 3;
    return change.ref.startsWith(TAGS) ? 0 : 2;
  }

  private countTag(ref: string, oid: string | null): void {
    if (!this.highest || oid === null || ref.startsWith(HEADS)) return;
    const meaning = readRef(ref);
    if (meaning?.kind !== 'tag') return;
    raise(this.highest, meaning.directory, majorNumber(meaning.revision) ?? 0n);
  }
}

/** The shorter names in whose place a ref needs directories, without those that all refs share. */
function parentsOf(ref: string): string[] {
  const segments = ref.split('/');
  return segments.slice(3).map((_, index) => segments.slice(0, index + 3).join('/'));
}
