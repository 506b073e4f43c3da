import { classOf } from '../diff/classes/change-class.js';
import type { CustomKinds } from '../diff/crd-shape.js';
import type { Step } from '../diff/field-path.js';
import type { FoundObject } from '../diff/object-pairs.js';
import { groupVersion, objectShape } from '../diff/object-shape.js';
import { isSecret } from '../diff/secrets.js';
import { Stopwatch } from '../diff/text-patch.js';
import { definitionsIn } from '../diff/tree-diff.js';
import type { TreeEntry } from '../diff/tree-files.js';
import type { YamlLimits } from '../yaml-limits.js';
import { MERGE_SIDES, type MergeSide } from '../../domain/upgrade.js';
import type { Conflict, Resolve } from './conflict.js';
import { type Document, DocumentReader, type ReadText } from './documents.js';
import type { ListTrio } from './list-trios.js';
import { isSameEntry, mergeOtherFile } from './merge-other-file.js';
import { MergeRecord, type OneSided } from './merge-record.js';
import { type Judge, mergeValues, type Three } from './merge-values.js';
import { type MergedEntry, mergedFile, type ObjectFiles } from './merged-file.js';
import { type MergedObject, textOfMerged } from './merged-object.js';
import { mergedList } from './merged-list.js';
import { matchObjects, type ObjectTrio } from './object-trios.js';
import { PackageLists } from './package-lists.js';
import { isOwnField } from './own-fields.js';
import { packageFolders, packageOf, settlePackages } from './subpackages.js';

/** The entries of the three versions of a package. */
export type Versions = Record<MergeSide, readonly TreeEntry[]>;

export interface MergeOptions {
  limits: YamlLimits;
  /** Files with custom resource definitions beside those in the three versions, which count before them. */
  definitions: readonly Uint8Array[];
  /** What tells these three versions from all others: conflicts are known by it. */
  trees: string;
  resolve: Resolve;
}

/** The merged package, and all that its reviewer should know of it. */
export interface MergedTree {
  entries: MergedEntry[];
  conflicts: Conflict[];
  taken: OneSided[];
  kept: OneSided[];
  warnings: string[];
}

/**
 * Merges what ours and theirs have made of base, object by object and field by field; other files by lines, or whole. What
 * is in conflict and not resolved stays as ours has it. Text survives: what a side alone has changed is in its own words.
 */
export function mergeTrees(versions: Versions, options: MergeOptions): MergedTree {
  const { base, ours, theirs } = versions;
  return new TreeMerge(options, definitionsIn([theirs, ours, base], options)).run(versions);
}

type Entries = Three<TreeEntry>;

/** A file, and the list in it, of an object. */
interface ObjectPlace {
  path: string;
  list: ListTrio | undefined;
}

class TreeMerge {
  private readonly reader: DocumentReader;
  private readonly watch = new Stopwatch();
  private readonly documents = new Map<FoundObject, Document>();
  private readonly entries: MergedEntry[] = [];
  private readonly record: MergeRecord;

  constructor(
    private readonly options: MergeOptions,
    private readonly kinds: CustomKinds,
  ) {
    this.reader = new DocumentReader(options.limits);
    this.record = new MergeRecord(options.trees, options.resolve);
  }

  run(versions: Versions): MergedTree {
    const folders = packageFolders(Object.values(versions));
    const { open, settled } = settlePackages(versions, folders, (conflict) => this.record.settle(conflict));
    this.entries.push(...settled);
    for (const paths of byPackage(open, folders).values()) this.mergePackage(paths);
    this.entries.sort((a, b) => (a.path < b.path ? -1 : 1));
    const { conflicts, taken, kept, warnings } = this.record;
    return { entries: this.entries, conflicts, taken, kept, warnings };
  }

  private mergePackage(paths: ReadonlyMap<string, Entries>): void {
    const files = new Map<string, ObjectFiles>();
    for (const [path, entries] of paths) {
      const { base, ours, theirs } = entries;
      if (isSameEntry(ours, theirs) && isSameEntry(ours, base)) {
        if (ours) this.entries.push(ours);
        continue;
      }
      const objects = this.objectFiles(entries);
      if (objects) files.set(path, objects);
      else {
        const entry = mergeOtherFile(path, entries, this.record, this.watch);
        if (entry) this.entries.push(entry);
      }
    }
    const objectsIn = (side: MergeSide): FoundObject[] =>
      [...files.values()].flatMap((file) => (file[side]?.documents ?? []).flatMap((document) => objectsOf(document)));
    const merged = new Map<string, MergedObject[]>();
    const add = (object: MergedObject | null): void => {
      if (!object) return;
      const others = merged.get(object.file);
      if (others) others.push(object);
      else merged.set(object.file, [object]);
    };
    const lists = new PackageLists(files, this.reader);
    for (const trio of matchObjects(objectsIn('base'), objectsIn('ours'), objectsIn('theirs'))) {
      add(this.mergeObject(trio, lists));
    }
    for (const list of lists.all) add(this.mergeList(list, lists));
    for (const [path, file] of files) {
      const entry = mergedFile(file, merged.get(path) ?? []);
      if (entry) this.entries.push(entry);
    }
  }

  /** Null for a file that is in one of its versions no file of objects. */
  private objectFiles(entries: Entries): ObjectFiles | null {
    const files: ObjectFiles = { base: undefined, ours: undefined, theirs: undefined };
    for (const side of MERGE_SIDES) {
      const entry = entries[side];
      if (!entry) continue;
      const documents = this.reader.read(entry);
      if (documents === null) return null;
      files[side] = { entry, documents };
    }
    for (const file of Object.values(files) as ObjectFiles[MergeSide][]) {
      for (const document of file?.documents ?? []) {
        if (document.object) this.documents.set(document.object, document);
      }
    }
    return files;
  }

  /** Null: it is not in the result, or comes into a list. */
  private mergeObject(trio: ObjectTrio, lists: PackageLists): MergedObject | null {
    const { base, ours, theirs } = trio;
    const object = ours ?? theirs ?? base;
    if (!object) return null;
    const { apiVersion, kind } = theirs ?? object;
    const values = { base: base?.value, ours: ours?.value, theirs: theirs?.value };
    const decision = mergeValues(values, objectShape(this.kinds, apiVersion, kind), this.judge(object, trio));
    if (decision === null) return null;
    const { path: file, list } = this.placeFor(trio, object, lists);
    if (list) {
      lists.add(list, { trio, decision });
      return null;
    }
    const wasListed = [base, ours, theirs].some((side) => lists.of(side));
    const textOf = (found: FoundObject): ReadText | undefined => this.documents.get(found)?.read;
    const text = wasListed
      ? lists.textOutside(trio, decision, textOf)
      : textOfMerged(trio, decision, textOf, this.reader);
    return this.told({ trio, decision, file, ...text });
  }

  /** Null: nothing is left of it. */
  private mergeList(list: ListTrio, lists: PackageLists): MergedObject | null {
    const { base, ours, theirs } = list;
    const object = (ours ?? theirs ?? base)?.object;
    if (!object) return null;
    const trio = { base: base?.object, ours: ours?.object, theirs: theirs?.object };
    const merged = mergedList(list, lists.objectsOf(list), this.judge(object, trio), this.reader);
    return merged && this.told(merged);
  }

  private told(merged: MergedObject): MergedObject {
    const { trio, isRewritten } = merged;
    const object = trio.ours ?? trio.theirs ?? trio.base;
    if (isRewritten && object) {
      const { kind, name, path } = object;
      this.record.warnings.push(
        `The ${kind} "${name ?? ''}" in "${path}" is written anew: its anchors or its form leave no other way.`,
      );
    }
    return merged;
  }

  private placeFor({ base, ours, theirs }: ObjectTrio, object: FoundObject, lists: PackageLists): ObjectPlace {
    const placeOf = (found: FoundObject): ObjectPlace => ({ path: found.path, list: lists.of(found) });
    const isMoved = (one: FoundObject, other: FoundObject | undefined): boolean =>
      one.path !== other?.path || lists.of(one) !== lists.of(other);
    if (!ours || !theirs) return placeOf(object);
    if (!isMoved(ours, base)) return placeOf(theirs);
    if (theirs.path !== ours.path && isMoved(theirs, base)) {
      const { kind, name } = object;
      this.record.warnings.push(
        `Both sides have the ${kind} "${name ?? ''}" in another file: it stays in "${ours.path}", not "${theirs.path}".`,
      );
    }
    return placeOf(ours);
  }

  private judge(object: FoundObject, { ours, theirs, base }: ObjectTrio): Judge {
    const { apiVersion, kind, namespace, name, path: file } = object;
    const about = { apiVersion, kind, namespace, name };
    const of = {
      group: groupVersion(apiVersion).group,
      kind,
      from: (ours ?? base)?.value,
      to: (theirs ?? base)?.value,
    };
    const steps_ = (steps: readonly Step[], from: unknown, to: unknown) => ({ object, file, steps, from, to });
    return {
      taken: (steps, { base: from, theirs: to }) => this.record.taken.push(steps_(steps, from, to)),
      kept: (steps, { base: from, ours: to }) => this.record.kept.push(steps_(steps, from, to)),
      isOurs: (steps) => isOwnField(file, steps),
      settle: (steps, three) => {
        const change = three.ours === undefined ? 'added' : three.theirs === undefined ? 'removed' : 'changed';
        const difference = { steps, change, from: three.ours, to: three.theirs, equivalent: false } as const;
        return this.record.settle({
          ...three,
          of: steps.length === 0 ? 'object' : 'field',
          ...{ object: about, file, steps, nth: 0, isSecret: isSecret(about) },
          class: classOf(difference, of),
        });
      },
    };
  }
}

const objectsOf = ({ object, items }: Document): readonly FoundObject[] => items ?? (object ? [object] : []);

/** The paths of each package below one another, with what stands there in the three versions. */
function byPackage(versions: Versions, folders: readonly string[]): Map<string, Map<string, Entries>> {
  const packages = new Map<string, Map<string, Entries>>();
  for (const side of MERGE_SIDES) {
    for (const entry of versions[side]) {
      const folder = packageOf(entry.path, folders);
      const paths = packages.get(folder) ?? new Map<string, Entries>();
      packages.set(folder, paths);
      const entries = paths.get(entry.path) ?? { base: undefined, ours: undefined, theirs: undefined };
      paths.set(entry.path, { ...entries, [side]: entry });
    }
  }
  return packages;
}
