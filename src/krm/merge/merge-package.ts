import { DomainError } from '../../domain/errors.js';
import { fieldPath } from '../diff/field-path.js';
import { Room } from '../diff/room.js';
import { isSecret, veiled } from '../diff/secrets.js';
import { type Json, toJson, weightOf } from '../diff/values.js';
import { KPTFILE } from '../kptfile.js';
import type { YamlLimits } from '../yaml-limits.js';
import type { Choice, Conflict, ConflictObject, Resolve } from './conflict.js';
import { DocumentReader } from './documents.js';
import type { OneSided } from './merge-record.js';
import { mergeTrees, type MergedTree, type Versions } from './merge-trees.js';
import type { MergedEntry } from './merged-file.js';
import { type Origin, withOrigin } from './origin.js';
import type { DefaultResolution, Resolution, UpgradeStrategy } from '../../domain/upgrade.js';
import { assertHolds, replacedTree } from './whole-trees.js';
import { valueOfJson } from './written-value.js';

export interface PackageMergeRequest {
  strategy: UpgradeStrategy;
  /** What the `Kptfile` says of the merged package; null: it has none to say it of. */
  origin: Origin | null;
  /** What tells the three versions from all others. */
  trees: string;
  resolutions: Record<string, Resolution>;
  defaultResolution: DefaultResolution;
  /** The key of the hashes that stand for what Secrets hold. */
  secretsKey: string;
}

/** A value of one version; null: there is none. */
export type Held = { value: Json } | null;

/** A conflict as people see it. */
export interface ToldConflict extends Pick<Conflict, 'id' | 'of' | 'file' | 'class' | 'nth'> {
  object: ConflictObject | null;
  /** As {@link fieldPath} writes it; '' for what is no field. */
  path: string;
  base: Held;
  ours: Held;
  theirs: Held;
  resolution: Resolution | null;
}

/** A change of one side that is in the result. */
export interface ToldChange {
  object: ConflictObject | null;
  file: string;
  path: string;
  from: Held;
  to: Held;
}

export interface MergedPackage {
  /** Without the bytes of those that are in one of the versions. */
  entries: MergedEntry[];
  conflicts: ToldConflict[];
  taken: ToldChange[];
  kept: ToldChange[];
  warnings: string[];
  /** There is more than that in `taken` and `kept`. */
  truncated: boolean;
}

/** Brings a package to a new upstream, by one of kpt's strategies. Throws `invalidPackage` where the result would be none. */
export function mergePackage(
  versions: Versions,
  request: PackageMergeRequest,
  { limits, definitions }: { limits: YamlLimits; definitions: readonly Uint8Array[] },
): MergedPackage {
  const { strategy, origin, trees } = request;
  const options = { limits, definitions, trees, resolve: resolver(request) };
  const merged: MergedTree =
    strategy === 'resource-merge' || strategy === 'fast-forward'
      ? mergeTrees(versions, options)
      : replacedTree(versions, strategy, options);
  assertHolds(merged.entries);
  assertFew(merged.conflicts.length);
  const reader = new DocumentReader(limits);
  const entries = merged.entries.map((entry) =>
    origin && entry.path === KPTFILE ? named(entry, origin, reader) : entry,
  );
  const teller = new Teller(request.secretsKey);
  return {
    entries: entries.map((entry) => (entry.oid === null ? entry : { ...entry, content: null })),
    conflicts: merged.conflicts.map((conflict) => teller.conflict(conflict)),
    taken: teller.changes(merged.taken),
    kept: teller.changes(merged.kept),
    warnings: merged.warnings,
    truncated: teller.isFull,
  };
}

/** Nobody resolves more than these. */
const MOST_CONFLICTS = 5_000;

function assertFew(conflicts: number): void {
  if (conflicts <= MOST_CONFLICTS) return;
  const message = `There are ${conflicts} conflicts; ${MOST_CONFLICTS} is the most. Take another strategy, or upgrade in smaller steps.`;
  throw new DomainError('invalidPackage', message);
}

function named(entry: MergedEntry, origin: Origin, reader: DocumentReader): MergedEntry {
  const text = Buffer.from(entry.content ?? []).toString();
  const changed = withOrigin(text, origin, reader);
  return changed === text ? entry : { ...entry, oid: null, content: Buffer.from(changed) };
}

function resolver({ resolutions, defaultResolution }: PackageMergeRequest): Resolve {
  const { all, classes = {} } = defaultResolution;
  return ({ id, class: name }): Choice | undefined => {
    const own = resolutions[id];
    if (own === undefined) return classes[name] ?? all;
    if (own.take === 'absent') return { value: undefined };
    return own.take === 'value' ? { value: valueOfJson(own.value as Json) } : own.take;
  };
}

/** Puts into words for people what a merge has found. What Secrets hold is not among them. */
class Teller {
  private readonly room = new Room();

  constructor(private readonly secretsKey: string) {}

  get isFull(): boolean {
    return this.room.isFull;
  }

  conflict(conflict: Conflict): ToldConflict {
    const { id, of, file, class: name, nth, object, steps, base, ours, theirs, isSecret: hides, resolution } = conflict;
    const held = (value: unknown): Held => this.held(hides, steps, value);
    return {
      ...{ id, of, file, class: name, nth, object },
      path: fieldPath(steps),
      ...{ base: held(base), ours: held(ours), theirs: held(theirs) },
      resolution: this.choice(conflict, resolution),
    };
  }

  changes(changes: readonly OneSided[]): ToldChange[] {
    const told: ToldChange[] = [];
    for (const { object, file, steps, from, to } of changes) {
      if (!this.room.take(weightOf([from, to], this.room.bytes))) break;
      const about = object && pick(object);
      const held = (value: unknown): Held => this.held(about !== null && isSecret(about), steps, value);
      told.push({ object: about, file, path: fieldPath(steps), from: held(from), to: held(to) });
    }
    return told;
  }

  private choice({ steps, isSecret: hides }: Conflict, choice: Choice | null): Resolution | null {
    if (choice === null) return null;
    if (typeof choice === 'string') return { take: choice };
    const held = this.held(hides, steps, choice.value);
    return held === null ? { take: 'absent' } : { take: 'value', value: held.value };
  }

  /** What a Secret holds as a hash; lines that may hold one likewise. */
  private held(hides: boolean, steps: Conflict['steps'], value: unknown): Held {
    if (value === undefined) return null;
    if (!hides) return { value: toJson(value) };
    const place = typeof value === 'string' && steps.length === 0 ? ['data', ''] : steps;
    const difference = { steps: place, change: 'changed', from: value, to: undefined, equivalent: false } as const;
    return { value: toJson(veiled(difference, this.secretsKey).from) };
  }
}

const pick = ({ apiVersion, kind, namespace, name }: ConflictObject): ConflictObject => ({
  ...{ apiVersion, kind, namespace, name },
});
