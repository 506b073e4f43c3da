import { isRecord } from './is-record.js';
import { readMapping, setBlock, setString } from './yaml-patch.js';
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

export const KPTFILE = 'Kptfile';

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
  const git = [
    '  type: git',
    '  git:',
    `    repo: ${yamlScalar(repo)}`,
    `    directory: ${yamlScalar(directory)}`,
    `    ref: ${yamlScalar(ref)}`,
  ];
  const withUpstream = setBlock(KPTFILE, text, {
    key: 'upstream',
    value: { type: 'git', git: { repo, directory, ref }, updateStrategy: 'resource-merge' },
    lines: ['upstream:', ...git, '  updateStrategy: resource-merge'],
    after: ['apiVersion', 'kind', 'metadata'],
  });
  return setBlock(KPTFILE, withUpstream, {
    key: 'upstreamLock',
    value: { type: 'git', git: { repo, directory, ref, commit } },
    lines: ['upstreamLock:', ...git, `    commit: ${yamlScalar(commit)}`],
    after: ['upstream'],
  });
}

/** The types of conditions that a `Kptfile` asks for; a text that is none asks for none. */
export function readinessGatesOf(text: string): string[] {
  // Most ask for none, and reading YAML takes a hundred times longer than seeing that. A key that is not there letter by
  // letter is written with escapes.
  if (!text.includes('readinessGates') && !text.includes('\\')) return [];
  return readKptfile(text)?.readinessGates ?? [];
}

/** Reads a `Kptfile`; null when the text is not one YAML mapping of kind `Kptfile`. */
export function readKptfile(text: string): Kptfile | null {
  const file = readMapping(text);
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
