import { type BlameRequest, unpackBlame } from './blame/packed-blame.js';
import { blameVersions, type TreeBlame } from './blame/blame-versions.js';
import { type PackedRequest, unpack } from './diff/packed.js';
import { diffTrees, type TreeDiff } from './diff/tree-diff.js';
import { patchTrees } from './diff/tree-patch.js';
import { DomainError } from '../domain/errors.js';
import { type Kptfile, readKptfile, setPackageName, setUpstream, type KptUpstreamLock } from './kptfile.js';
import { type MergedPackage, mergePackage } from './merge/merge-package.js';
import { type MergeJob, unpackMerge } from './merge/packed-merge.js';
import { manifestsOf } from './manifests.js';
import type { Mutations } from '../domain/mutation.js';
import { type MutatedPackage, mutatePackage } from './mutate/mutate-package.js';
import { setPackageContextName } from './package-context.js';
import { type ParsedFile, parseKrm } from './parse.js';
import type { FileDigests, Sbom, SbomFormat } from './sbom/sbom.js';
import { digestsOf, writeSbom } from './sbom/write-sbom.js';
import type { YamlLimits } from './yaml-limits.js';

/** What to change in a file that names its package. */
export type NameEdit =
  { file: 'Kptfile'; name: string; upstream: KptUpstreamLock } | { file: 'package-context.yaml'; name: string };

/** What to change of a package, by whose name it is known. */
export interface MutationJob extends Mutations {
  packed: PackedRequest;
  name: string;
}

/** Why there is no result: a sentence for users. */
export interface Refused {
  refusal: string;
}

/** The new text, or why there is none. */
export type Edited = { text: string } | Refused;

/** Work on the bytes of one file (or of versions of packages that are packed into one), by what is asked for beside them. All of it can be sent from thread to thread. */
export const JOBS = {
  parse: (bytes: Uint8Array, limits: YamlLimits): ParsedFile => parseKrm(bytes, limits),
  manifests: (bytes: Uint8Array, limits: YamlLimits): string[] => manifestsOf(bytes, limits),
  kptfile: (bytes: Uint8Array, _: undefined): Kptfile | null => readKptfile(textOf(bytes)),
  diff: (bytes: Uint8Array, request: PackedRequest): TreeDiff => {
    const { from, to, options } = unpack(bytes, request);
    return diffTrees(from, to, options);
  },
  patch: (bytes: Uint8Array, request: PackedRequest): string | null => {
    const { from, to } = unpack(bytes, request);
    return patchTrees(from, to, request.secretsKey === null);
  },
  digests: (bytes: Uint8Array, _: undefined): FileDigests => digestsOf(bytes),
  sbom: (facts: Uint8Array, format: SbomFormat): Sbom => writeSbom(facts, format),
  blame: (bytes: Uint8Array, request: BlameRequest): TreeBlame => {
    const { versions, options } = unpackBlame(bytes, request);
    return blameVersions(versions, options);
  },
  merge: (bytes: Uint8Array, job: MergeJob): MergedPackage | Refused =>
    orRefused(() => {
      const { versions, options } = unpackMerge(bytes, job);
      return mergePackage(versions, job.merge, options);
    }),
  mutate: (bytes: Uint8Array, { packed, ...request }: MutationJob): MutatedPackage | Refused =>
    orRefused(() => {
      const { from, options } = unpack(bytes, packed);
      return mutatePackage(from, request, { ...options, name: request.name });
    }),
  edit: (bytes: Uint8Array, edit: NameEdit): Edited => orRefused(() => ({ text: edited(textOf(bytes), edit) })),
};

function orRefused<Result>(work: () => Result): Result | Refused {
  try {
    return work();
  } catch (error) {
    if (error instanceof DomainError) return { refusal: error.message };
    throw error;
  }
}

export type Jobs = typeof JOBS;
export type JobName = keyof Jobs;
export type JobArgument<Name extends JobName> = Parameters<Jobs[Name]>[1];
export type JobResult<Name extends JobName> = ReturnType<Jobs[Name]>;

function edited(text: string, edit: NameEdit): string {
  if (edit.file === 'package-context.yaml') return setPackageContextName(text, edit.name);
  return setUpstream(setPackageName(text, edit.name), edit.upstream);
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
