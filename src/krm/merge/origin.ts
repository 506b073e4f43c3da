import { isMapping, type Mapping } from '../diff/values.js';
import { UNKNOWN } from '../diff/shape.js';
import type { KptUpstreamLock } from '../kptfile.js';
import { DomainError } from '../../domain/errors.js';
import type { UpgradeStrategy } from '../../domain/upgrade.js';
import type { DocumentReader } from './documents.js';
import { mergeValues, SILENT } from './merge-values.js';
import { says } from './merged-object.js';
import { mergedText } from './text-merge.js';

/** What a `Kptfile` says of the package and of where it comes from. */
export interface Origin {
  /** Null: as ours has it. */
  name: string | null;
  upstream: KptUpstreamLock;
  strategy: UpgradeStrategy;
}

/** A `Kptfile` with another origin; nothing else of its text changes. Throws `invalidPackage` where that cannot be done. */
export function withOrigin(text: string, { name, upstream, strategy }: Origin, reader: DocumentReader): string {
  const read = reader.readText(text);
  const value = read?.found?.value;
  if (!read || !isMapping(value)) throw new DomainError('invalidPackage', UNREADABLE);
  const { repo, directory, ref, commit } = upstream;
  const named = name === null ? value : withFields(value, 'metadata', { name });
  const followed = withFields(named, 'upstream', { type: 'git', updateStrategy: strategy }, { repo, directory, ref });
  const wanted = withFields(followed, 'upstreamLock', { type: 'git' }, { repo, directory, ref, commit });
  const decision = mergeValues({ base: value, ours: value, theirs: wanted }, UNKNOWN, SILENT);
  if (decision === null) return text;
  const source = read.source();
  const changed = mergedText({ ours: source, base: source, theirs: undefined }, decision);
  if (!says(changed, wanted, reader)) throw new DomainError('invalidPackage', UNREADABLE);
  return changed;
}

const UNREADABLE = 'The "Kptfile" cannot be changed safely: simplify how it is written, and try again.';

/** A mapping with fields set in the mapping at a key, and others in the `git` of that. */
function withFields(
  value: Mapping,
  key: string,
  fields: Record<string, string>,
  git?: Record<string, string>,
): Mapping {
  const changed = new Map([...mappingAt(value, key), ...Object.entries(fields)]);
  if (git) changed.set('git', new Map([...mappingAt(changed, 'git'), ...Object.entries(git)]));
  return new Map(value).set(key, changed);
}

function mappingAt(value: Mapping, key: string): Mapping {
  const there = value.get(key);
  return isMapping(there) ? there : new Map();
}
