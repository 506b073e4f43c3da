import type { TreeVersion } from '../../content/blames.js';
import { versionKey } from '../../domain/version.js';
import type { CommitRow, VersionRow } from './package-blame.store.js';

/** A tree of a package, and who made it what it is. */
export interface BlameStep extends TreeVersion {
  /** The first version that has it. */
  row: VersionRow;
  /** The commit on the ref, or a draft's; null: not known, or one of several whose contents are not known. */
  commit: string | null;
  author: string | null;
  time: Date;
  /** Whether this version was cloned from, or upgraded to, an upstream revision that is not among these versions. */
  isFromElsewhere: boolean;
}

export interface LineFacts {
  /** All versions that may be seen, by id. */
  rows: ReadonlyMap<string, VersionRow>;
  commits: readonly CommitRow[];
}

/** The version before one in its package: a draft's is the one that it was begun on. */
export function previousOf(row: VersionRow, rows: Iterable<VersionRow>): VersionRow | null {
  const most = upTo(row);
  if (most === undefined) return null;
  let previous: VersionRow | null = null;
  for (const other of rows) {
    const { versionKey: key } = other;
    if (other.packageId !== row.packageId || other.id === row.id || key === null || isDraft(other)) continue;
    if (most !== null && (isDraft(row) ? key > most : key >= most)) continue;
    if (previous?.versionKey == null || key > previous.versionKey) previous = other;
  }
  return previous;
}

/** Up to which version those before it are looked for; null: all count; undefined: none is before it. */
export function upTo(row: VersionRow): string | null | undefined {
  if (!isDraft(row)) return row.versionKey;
  return row.baseRevision === null ? undefined : versionKey(row.baseRevision);
}

const isDraft = ({ publishedAt }: VersionRow): boolean => publishedAt === null;

/** The trees that lead to a version, with those of its upstreams: each stands behind what it comes from. */
export function lineOf(id: string, facts: LineFacts): BlameStep[] {
  const line = new Line(facts);
  line.placeOf(id);
  return line.steps;
}

class Line {
  readonly steps: BlameStep[] = [];
  /** The index in `steps` of each version; null while the walk is still at what that version comes from. */
  private readonly places = new Map<string, number | null>();
  private readonly siblings = new Map<string, VersionRow[]>();
  private readonly commits = new Map<string, CommitRow[]>();

  constructor(private readonly facts: LineFacts) {
    for (const row of facts.rows.values()) append(this.siblings, row.packageId, row);
    for (const commit of facts.commits) append(this.commits, placeKey(commit), commit);
    for (const commits of this.commits.values()) commits.sort((a, b) => a.position - b.position);
  }

  /** Null for one that is not there, and for one that comes from itself, as Git's files may say. */
  placeOf(id: string): number | null {
    const known = this.places.get(id);
    const row = this.facts.rows.get(id);
    if (known !== undefined || row === undefined) return known ?? null;
    this.places.set(id, null);
    const before = previousOf(row, this.siblings.get(row.packageId) ?? []);
    const place = this.add(row, before);
    this.places.set(id, place);
    return place;
  }

  private add(row: VersionRow, before: VersionRow | null): number {
    const isFromUpstream = row.upstream !== null && !isSameUpstream(row, before);
    let previous = before && this.placeOf(before.id);
    const upstream = isFromUpstream && row.upstreamRevisionId !== null ? this.placeOf(row.upstreamRevisionId) : null;
    const common = { upstream, row, isFromElsewhere: isFromUpstream && upstream === null };
    // Commits whose tree the index does not hold count to the next one whose tree it holds.
    let open: CommitRow[] = [];
    for (const commit of this.between(before, row)) {
      open.push(commit);
      const isTold = commit.known && commit.treeAfter !== null && commit.oid !== row.commit;
      if (!isTold || commit.treeAfter === null) continue;
      previous = this.push({ ...common, tree: commit.treeAfter, previous, ...setterOf(open, commit.committedAt) });
      open = [];
    }
    const time = row.publishedAt ?? row.updatedAt;
    // What a publication or a draft changed itself, if a commit alone did not.
    const isOwn = open.length === 0 || (open.length === 1 && open[0]?.oid === row.commit);
    const setter = isOwn ? this.ownSetter(row, time) : setterOf(isDraft(row) ? [] : open, time);
    return this.push({ ...common, tree: row.tree, previous, ...setter });
  }

  private ownSetter(row: VersionRow, time: Date): Pick<BlameStep, 'commit' | 'author' | 'time'> {
    // A tag that somebody has set by hand on a publication of ours, as when they go back to it.
    const isMaker = (other: VersionRow) => !other.external && !isDraft(other) && other.commit === row.commit;
    const maker = row.external ? this.siblings.get(row.packageId)?.find(isMaker) : undefined;
    return { commit: row.commit, author: ownAuthor(maker ?? row), time };
  }

  private push(step: BlameStep): number {
    return this.steps.push(step) - 1;
  }

  /** The commits of the ref after the one version up to the other; none where that is not known. */
  private between(before: VersionRow | null, row: VersionRow): CommitRow[] {
    const [first, last] = [before === null ? -Infinity : before.position, row.position];
    if (first === null || last === null) return [];
    const commits = this.commits.get(placeKey(row)) ?? [];
    return commits.filter(({ position }) => position > first && position <= last);
  }
}

/** One commit is known by name; of none, or several, nobody can tell which it was. */
function setterOf(commits: readonly CommitRow[], time: Date): Pick<BlameStep, 'commit' | 'author' | 'time'> {
  const [commit, ...others] = commits;
  if (commit === undefined || others.length > 0) return { commit: null, author: null, time };
  return { commit: commit.oid, author: commit.author, time: commit.committedAt };
}

/** The commit of a publication is the approver's, who has let it through and not written it. */
function ownAuthor({ external, author, publishedBy, editors, createdBy }: VersionRow): string {
  return external ? (author ?? publishedBy ?? createdBy) : (editors.at(-1) ?? createdBy);
}

/** A copy names the upstream of what it is a copy of: nothing came from there once more. */
function isSameUpstream(row: VersionRow, before: VersionRow | null): boolean {
  if (row.upstreamRevisionId !== null && row.upstreamRevisionId === before?.upstreamRevisionId) return true;
  const [one, other] = [row.upstream, before?.upstream];
  return (['url', 'directory', 'ref', 'commit'] as const).every((part) => one?.[part] === other?.[part]);
}

const placeKey = ({ repositoryId, path }: { repositoryId: string; path: string }): string => `${repositoryId} ${path}`;

function append<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
