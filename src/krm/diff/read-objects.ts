import { type KrmObject, krmValues } from '../krm-object.js';
import { readDocuments, isYamlPath } from '../parse.js';
import type { YamlLimits } from '../yaml-limits.js';
import { cloneIdentity, type FoundObject } from './object-pairs.js';
import { groupVersion } from './object-shape.js';
import { isMapping, scalarOf, textAt, valueAt } from './values.js';

/** What a file of a package holds. */
export interface ReadFile {
  objects: FoundObject[];
  /** Whether it holds anything that is no object. */
  isMixed: boolean;
  /** Why it cannot be read as YAML; null: it can, or it is none. */
  parseError: string | null;
}

const UPSTREAM = 'internal.kpt.dev/upstream-identifier';
/** As older versions of kpt wrote it. */
export const UPSTREAM_COMMENT = /^metadata:[ \t]*#[ \t]*kpt-merge:[ \t]*([^\s/]*)\/(\S+)/m;
/** YAML ends every document at such a line, also within a scalar. */
const DOCUMENT_START = /^---(?=\s|$)/m;

/** The objects of a file as values. Never throws. */
export function readObjects(path: string, bytes: Uint8Array, limits: YamlLimits): ReadFile {
  if (!isYamlPath(path)) return { objects: [], isMixed: true, parseError: null };
  const read = readDocuments(bytes, limits);
  if ('parseError' in read) return { objects: [], isMixed: true, parseError: read.parseError };
  const perDocument = read.documents.map((document) => krmValues([document]));
  const isMixed = read.documents.some((document, at) => perDocument[at]?.length === 0 && !isEmpty(document));
  const found = perDocument.flat();
  return { objects: foundObjects(path, found, commentsIn(bytes, found.length)), isMixed, parseError: null };
}

/** The objects of one file; `comments`: of each, the one by which older versions of kpt name what it was cloned from. */
export function foundObjects(
  path: string,
  found: readonly { object: KrmObject; value: unknown }[],
  comments: readonly (RegExpExecArray | null)[] | null,
): FoundObject[] {
  const counts = new Map<string, number>();
  return found.map(({ object: { apiVersion, kind, namespace, name }, value }, at): FoundObject => {
    const nth = counts.get(kind) ?? 0;
    if (name === null) counts.set(kind, nth + 1);
    const [, place = null, origin] = comments?.[at] ?? [];
    const commented = origin === undefined ? null : cloneIdentity(groupVersion(apiVersion).group, kind, place, origin);
    return {
      ...{ apiVersion, kind, namespace, name, path },
      value: isMapping(value) ? value : new Map<string, unknown>(),
      nth: name === null ? nth : null,
      upstream: annotated(value) ?? commented,
    };
  });
}

/** A document of comments alone, or with a list that holds nothing. */
export function isEmpty(document: unknown): boolean {
  if (Array.isArray(document) || typeof document === 'string') return false;
  const items = valueAt(document, 'items');
  return isMapping(document) ? Array.isArray(items) && items.length === 0 : scalarOf(document) === null;
}

function annotated(value: unknown): string | null {
  const [group, kind, namespace, name] = textAt(value, 'metadata', 'annotations', UPSTREAM)?.split('|') ?? [];
  return name === undefined ? null : cloneIdentity(group ?? '', kind ?? '', namespace ?? null, name);
}

/** The comments of the documents; null where there is none, or where lists make documents and objects differ. */
function commentsIn(bytes: Uint8Array, objects: number): (RegExpExecArray | null)[] | null {
  const text = new TextDecoder().decode(bytes);
  if (!text.includes('kpt-merge:')) return null;
  const parts = text.split(DOCUMENT_START).filter((part) => /^apiVersion:/m.test(part));
  return parts.length === objects ? parts.map((part) => UPSTREAM_COMMENT.exec(part)) : null;
}
