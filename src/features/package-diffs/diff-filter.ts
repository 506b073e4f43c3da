import { CHANGE_CLASSES, type ChangeClass } from '../../krm/diff/classes/change-class.js';
import type { Change, FileChange } from '../../krm/diff/file-changes.js';
import type { ObjectChange, TreeDiff } from '../../krm/diff/tree-diff.js';

/** Which part of a comparison is asked for. */
export interface DiffFilter {
  class?: ChangeClass[] | undefined;
  kind?: string | undefined;
  name?: string | undefined;
  /** A file, or a folder. */
  path?: string | undefined;
  /** Whether what is only written in another way counts. */
  exact?: boolean | undefined;
}

export interface NarrowedDiff {
  objects: ObjectChange[];
  files: FileChange[];
}

/** What of a comparison a filter takes. Files are told where no objects are asked for. */
export function narrowed({ objects, files }: TreeDiff, filter: DiffFilter): NarrowedDiff {
  const { class: classes, kind, name, path, exact = false } = filter;
  const takesField = (field: ObjectChange['fields'][number]): boolean =>
    (exact || !field.equivalent) && (classes === undefined || classes.includes(field.class));
  const taken = objects.flatMap((object) => {
    if ((kind !== undefined && object.kind !== kind) || (name !== undefined && object.name !== name)) return [];
    if (path !== undefined && ![object.path, object.fromPath].some((at) => at !== null && isIn(at, path))) return [];
    const fields = object.fields.filter(takesField);
    if (fields.length > 0) return [{ ...object, fields }];
    // One that is only in another file now, and one with more fields than there is room for.
    const isWhole = object.fromPath !== null || object.fields.length === 0;
    return isWhole && classes === undefined ? [{ ...object, fields, change: movedOr(object) }] : [];
  });
  const isOfObjects = classes !== undefined || kind !== undefined || name !== undefined;
  return {
    objects: taken,
    files: isOfObjects ? [] : files.filter(({ path: at }) => path === undefined || isIn(at, path)),
  };
}

const movedOr = ({ change, fromPath, fields }: ObjectChange): Change =>
  change === 'changed' && fromPath !== null && fields.every(({ equivalent }) => equivalent) ? 'moved' : change;

const isIn = (path: string, wanted: string): boolean => path === wanted || path.startsWith(wanted.replace(/\/*$/, '/'));

export interface DiffSummary {
  objects: Record<Change, number>;
  files: Record<Change, number>;
  /** The gravest first. */
  classes: Record<string, number>;
}

export function summaryOf({ objects, files }: NarrowedDiff): DiffSummary {
  const found = objects.flatMap(({ fields }) => fields.map((field) => field.class));
  const counted = CHANGE_CLASSES.map((name): [string, number] => [
    name,
    found.filter((other) => other === name).length,
  ]);
  const classes = Object.fromEntries(counted.filter(([, count]) => count > 0));
  return { objects: countsOf(objects), files: countsOf(files), classes };
}

function countsOf(changes: readonly { change: Change }[]): Record<Change, number> {
  const counts = { added: 0, removed: 0, changed: 0, moved: 0 };
  for (const { change } of changes) counts[change] += 1;
  return counts;
}

/** Whether nothing differs but how it is written: comments, the order of keys and files, quotes, places of objects. */
export function isEqual({ objects, files, truncated }: TreeDiff, exact: boolean): boolean {
  const told = narrowed({ objects, files, truncated, weight: 0 }, { exact });
  return (
    !truncated && told.objects.length === 0 && files.every(({ krm, fromMode, toMode }) => krm && fromMode === toMode)
  );
}
