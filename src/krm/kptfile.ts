import { DomainError } from '../domain/errors.js';
import { isRecord } from './is-record.js';
import { readAnyMapping, readMapping, setBlock, setString } from './yaml-patch.js';
import { yamlScalar } from './yaml-scalar.js';

/** Where a package was cloned from, as kpt and Porch record it. `ref` is a tag or branch, `directory` a folder of the tree. */
export interface KptUpstream {
  repo: string;
  directory: string;
  ref: string;
}

/** The upstream pinned to a commit (hex OID). */
export interface KptUpstreamLock extends KptUpstream {
  commit: string;
}

/** What pkgserver reads of a `Kptfile`; parts of a wrong shape are read as if they were not there. */
export interface Kptfile {
  upstream: KptUpstream | null;
  upstreamLock: KptUpstreamLock | null;
  /** Types of conditions. */
  readinessGates: string[];
}

export const KPTFILE = 'Kptfile' as const;

/** A larger `Kptfile` is not written: it names a package, and is read whenever that is needed. */
export const MAX_KPTFILE_BYTES = 256 * 1024;

/** Throws `kptfileTooLarge` for a `Kptfile` of so many bytes that is to be written. */
export function assertKptfileSize(sizeBytes: number): void {
  if (sizeBytes <= MAX_KPTFILE_BYTES) return;
  const message = `The "${KPTFILE}" has ${sizeBytes} bytes; ${MAX_KPTFILE_BYTES} is the most that one may have to be changed.`;
  throw new DomainError('kptfileTooLarge', message, { sizeBytes });
}

/** The `Kptfile` of a new package, as `kpt pkg init` writes it. */
export function newKptfile({
  name,
  description = 'sample description',
  keywords = [],
}: {
  name: string;
  description?: string | undefined;
  keywords?: readonly string[] | undefined;
}): string {
  const lines = [
    'apiVersion: kpt.dev/v1',
    'kind: Kptfile',
    'metadata:',
    `  name: ${yamlScalar(name)}`,
    '  annotations:',
    '    config.kubernetes.io/local-config: "true"',
    'info:',
    `  description: ${yamlScalar(description)}`,
  ];
  if (keywords.length > 0) lines.push('  keywords:', ...keywords.map((keyword) => `    - ${yamlScalar(keyword)}`));
  return `${lines.join('\n')}\n`;
}

/** Sets `metadata.name`. Throws `invalidPackage` when the file cannot be patched safely. */
export function setPackageName(text: string, name: string): string {
  return setString(KPTFILE, text, ['metadata', 'name'], name);
}

/** Sets `upstream` and `upstreamLock` as a whole. Throws `invalidPackage` when the file cannot be patched safely. */
export function setUpstream(text: string, upstream: KptUpstreamLock): string {
  const { repo, directory, ref, commit } = upstream;
  const withUpstream = setBlock(KPTFILE, text, {
    key: 'upstream',
    value: { type: 'git', git: { repo, directory, ref }, updateStrategy: 'resource-merge' },
    after: ['apiVersion', 'kind', 'metadata'],
  });
  return setBlock(KPTFILE, withUpstream, {
    key: 'upstreamLock',
    value: { type: 'git', git: { repo, directory, ref, commit } },
    after: ['upstream'],
  });
}

/** Whether a text may pin its upstream to another commit than this one. As with gates, seeing that is quicker than reading. */
export function mayHaveUpstreamBut(text: Uint8Array, commit: string | null): boolean {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  return bytes.includes('upstreamLock') && (commit === null || !bytes.includes(commit));
}

/** Whether a text may ask for conditions. Most do not, and seeing that is a hundred times quicker than reading YAML. */
export function mayHaveGates(text: Uint8Array): boolean {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  // A key that is not there letter by letter is written with escapes.
  return bytes.includes('readinessGates') || bytes.includes('\\');
}

/** Reads a `Kptfile`; null when the text is not one YAML mapping of kind `Kptfile`. Never on the main thread. */
export function readKptfile(text: string): Kptfile | null {
  return kptfileIn(readAnyMapping(text));
}

/** As {@link readKptfile}, by js-yaml alone; what that does not read is undecided. */
export function readQuickly(text: string): Kptfile | null | 'undecided' {
  const file = readMapping(text);
  return file === null ? 'undecided' : kptfileIn(file);
}

/** What an object says, where it is a `Kptfile`. */
export function kptfileIn(file: Record<string, unknown> | null): Kptfile | null {
  if (file?.kind !== 'Kptfile') return null;
  const gates = recordOf(file.info).readinessGates;
  return {
    upstream: upstreamOf(file.upstream),
    upstreamLock: upstreamLockOf(file.upstreamLock),
    readinessGates: (Array.isArray(gates) ? gates : [])
      .map((gate) => recordOf(gate).conditionType)
      .filter((type) => typeof type === 'string'),
  };
}

function upstreamOf(value: unknown): KptUpstream | null {
  const { repo, directory, ref } = recordOf(recordOf(value).git);
  if (typeof repo !== 'string' || typeof directory !== 'string' || typeof ref !== 'string') return null;
  return { repo, directory, ref };
}

function upstreamLockOf(value: unknown): KptUpstreamLock | null {
  const upstream = upstreamOf(value);
  const { commit } = recordOf(recordOf(value).git);
  return upstream === null || typeof commit !== 'string' ? null : { ...upstream, commit };
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}
