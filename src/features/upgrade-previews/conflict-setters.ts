import type { ObjectBlame } from '../../krm/blame/blame-versions.js';
import type { ToldConflict } from '../../krm/merge/merge-package.js';
import type { BlameResponse } from '../package-blame/package-blame.schema.js';
import type { PackageBlame } from '../package-blame/package-blame.service.js';
import { toField } from '../package-blame/package-blame.view.js';

/** Who set a field last, and where that had it from. */
export type Setter = BlameResponse['objects'][number]['fields'][number];

/** Who set what ours has in a conflict, the newest of all that is in it; null: nobody knows, or nothing is there. */
export function setterOf(
  { of, object, file, path, ours }: ToldConflict,
  { blame, steps }: PackageBlame,
): Setter | null {
  if (object === null || ours === null || (of !== 'field' && of !== 'object')) return null;
  const isObject = (other: ObjectBlame): boolean =>
    other.path === file &&
    (['apiVersion', 'kind', 'namespace', 'name'] as const).every((part) => other[part] === object[part]);
  const fields = blame.objects.find(isObject)?.fields.filter((field) => isIn(field.path, path)) ?? [];
  const setters = fields.map((field) => toField(field, steps));
  return setters.reduce<Setter | null>((newest, each) => (newest && newest.time >= each.time ? newest : each), null);
}

/** Whether a field is another one, or in it. */
const isIn = (path: string, whole: string): boolean =>
  whole === '' || path === whole || path.startsWith(`${whole}.`) || path.startsWith(`${whole}[`);
