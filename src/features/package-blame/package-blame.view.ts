import { isoTime } from '../../domain/iso-time.js';
import { exactJson } from '../../http/exact-json.js';
import type { RawContent } from '../../http/reply.js';
import { readCursor, writeCursor } from '../../http/schema/pagination.js';
import type { FieldSetters, ObjectBlame } from '../../krm/blame/blame-versions.js';
import type { BlameStep } from './blame-line.js';
import type { BlameQuery, BlameResponse } from './package-blame.schema.js';
import type { PackageBlame } from './package-blame.service.js';

type FieldBlame = BlameResponse['objects'][number]['fields'][number];

/** A page of it. A cursor belongs to the tree that it was given for. */
export function toBlameResponse(
  { blame, steps }: PackageBlame,
  { cursor, pageSize, ...filter }: BlameQuery,
): BlameResponse | RawContent {
  const scope = ['package-blame', steps.at(-1)?.tree, filter];
  const [start = '0'] = readCursor(cursor, scope) ?? [];
  const end = Number(start) + pageSize;
  const taken = blame.objects.filter((object) => takes(filter, object));
  return exactJson({
    objects: taken.slice(Number(start), end).map(({ fields, ...object }) => ({
      ...object,
      fields: fields.map((field) => toField(field, steps)),
    })),
    truncated: blame.truncated,
    nextCursor: end < taken.length ? writeCursor([String(end)], scope) : null,
  });
}

function takes({ object, path }: Omit<BlameQuery, 'cursor' | 'pageSize'>, found: ObjectBlame): boolean {
  if (path !== undefined && found.path !== path && !found.path.startsWith(path.replace(/\/*$/, '/'))) return false;
  if (object === undefined) return true;
  return found.kind === object.kind && found.namespace === object.namespace && found.name === object.name;
}

/** A field as readers see it, with who set it. */
export function toField({ path, value, setters }: FieldSetters, steps: readonly BlameStep[]): FieldBlame {
  const [own, ...upstream] = setters.flatMap((place, at) => {
    const step = steps[place];
    return step ? [{ step, ...toSetter(step, at + 1 < setters.length) }] : [];
  });
  if (own === undefined) throw new Error(`Nobody has set the field ${path}`);
  const { step: _, ...setter } = own;
  return {
    ...{ path, value, ...setter },
    upstream: upstream.map(({ step: { row }, ...origin }) => ({
      ...{ repository: row.repositoryName, path: row.path, ...origin },
    })),
  };
}

/** Where the upstream is hidden, nobody can tell whether a field came from there or the clone changed it: `unknown`. */
function originOf(goesOn: boolean, isFromElsewhere: boolean): FieldBlame['origin'] {
  if (goesOn) return 'upstream';
  return isFromElsewhere ? 'unknown' : 'local';
}

const toSetter = ({ row, commit, author, time, isFromElsewhere }: BlameStep, goesOn: boolean) => ({
  ...{ revisionId: row.id, revision: row.revision, commit, author, time: isoTime(time) },
  origin: originOf(goesOn, isFromElsewhere),
});
