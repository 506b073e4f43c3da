import { Worker } from 'node:worker_threads';
import type { TreeBlame } from './blame/blame-versions.js';
import type { PackedBlame } from './blame/packed-blame.js';
import type { Packed } from './diff/packed.js';
import type { TreeDiff } from './diff/tree-diff.js';
import { DomainError } from '../domain/errors.js';
import { type Kptfile, readQuickly } from './kptfile.js';
import type { Mutations } from '../domain/mutation.js';
import type { MergedPackage } from './merge/merge-package.js';
import type { PackedMerge } from './merge/packed-merge.js';
import type { MutatedPackage } from './mutate/mutate-package.js';
import { type ParsedFile, parseQuickly } from './parse.js';
import type { FileDigests, Sbom, SbomFormat } from './sbom/sbom.js';
import { type Edited, type JobArgument, type JobName, type JobResult, JOBS, type NameEdit } from './thread-jobs.js';
import type { YamlLimits } from './yaml-limits.js';

/** Files one after the other, as many as there are lengths, each to be worked on by the job. */
export interface ThreadRequest {
  job: JobName;
  bytes: Uint8Array<ArrayBuffer>;
  lengths: number[];
  argument: unknown;
}

interface Batch {
  job: JobName;
  files: readonly Uint8Array[];
  argument: unknown;
  /** A result for each file; undefined for one that takes too long. */
  resolve: (results: unknown[]) => void;
  reject: (error: Error) => void;
}

/** Up to this much is read at once: it takes less time than a thread needs to begin. A change reads a file six times. */
const SMALL_BYTES = 32 * 1024;
const SMALL_EDIT_BYTES = 8 * 1024;
const SMALL_MERGE_BYTES = 64 * 1024;
const FEW_ENTRIES = 600;
/** What is done on the thread of whoever asks. */
export const AT_ONCE = {
  parse: parseQuickly,
  kptfile: readQuickly,
  edit: JOBS.edit,
  merge: JOBS.merge,
  mutate: JOBS.mutate,
};

const START_MS = 60_000;
const IDLE_MS = 10_000;
const MEMORY = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 };
// Tests run the sources, which a thread cannot load: theirs is the one that was built.
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/krm/parse-thread-entry.js' : './parse-thread-entry.js',
  import.meta.url,
);
const TOO_LONG = 'The file takes too long, or too much memory, to read.';
const ENDLESS: ParsedFile = { objects: [], parseError: TOO_LONG, parseWarnings: [] };

/**
 * Reads and changes YAML files in a thread, so that nothing waits for them, whatever is in them; what is small and plain
 * is done at once. The thread starts when it is needed and ends when it has been idle. One that dies, or is at one file
 * for too long, is replaced: the files of that batch are done one by one, and the one that is at fault is told.
 */
export class ParseThread {
  private worker: Worker | null = null;
  private isReady = false;
  /** What the thread was asked and has not answered, in order. */
  private open: Batch[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** `patienceMs`: how long one file may take. */
  constructor(private readonly patienceMs = 10_000) {}

  /** As {@link parseKrm}, for many. Throws where no thread can be started. */
  async parse(files: readonly Uint8Array[], limits: YamlLimits): Promise<ParsedFile[]> {
    if (!isSmall(files)) return (await this.ask('parse', files, limits)).map((parsed) => parsed ?? ENDLESS);
    // js-yaml alone decides where it can: `yaml` takes more texts, and far more time.
    const quick = files.map((file) => ({ file, parsed: AT_ONCE.parse(file, limits) }));
    const undecided = quick.flatMap(({ file, parsed }) => ('refusal' in parsed ? [file] : []));
    const others = (await this.ask('parse', undecided, limits)).values();
    return quick.map(({ parsed }) => ('refusal' in parsed ? (others.next().value ?? ENDLESS) : parsed));
  }

  /** As {@link manifestsOf}, for many; always in the thread. Throws as {@link readKptfiles} does. */
  async manifests(files: readonly Uint8Array[], limits: YamlLimits): Promise<string[][]> {
    return (await this.ask('manifests', files, limits)).map(inTime);
  }

  /** What `Kptfile`s say; null for one that is none. Throws as {@link parse} does, and for one that takes too long. */
  async readKptfiles(files: readonly Uint8Array[]): Promise<(Kptfile | null)[]> {
    if (!isSmall(files)) return (await this.ask('kptfile', files, undefined)).map(inTime);
    const quick = files.map((file) => ({ file, read: AT_ONCE.kptfile(Buffer.from(file).toString()) }));
    const undecided = quick.flatMap(({ file, read }) => (read === 'undecided' ? [file] : []));
    const others = (await this.ask('kptfile', undecided, undefined)).values();
    return quick.map(({ read }) => (read === 'undecided' ? inTime(others.next().value) : read));
  }

  /** As {@link diffTrees}, always in the thread; null where it takes too long. */
  async diff({ bytes, request }: Packed): Promise<TreeDiff | null> {
    return (await this.ask('diff', [bytes], request))[0] ?? null;
  }

  /** As {@link patchTrees}; null where it takes too long, too. */
  async patch({ bytes, request }: Packed): Promise<string | null> {
    return (await this.ask('patch', [bytes], request))[0] ?? null;
  }

  /** The digests of files; undefined for one that takes too long. */
  digests(files: readonly Uint8Array[]): Promise<(FileDigests | undefined)[]> {
    return this.ask('digests', files, undefined);
  }

  /** As {@link writeSbom}; null where it takes too long. */
  async sbom(facts: Uint8Array, format: SbomFormat): Promise<Sbom | null> {
    return (await this.ask('sbom', [facts], format))[0] ?? null;
  }

  /** As {@link blameVersions}; null where it takes too long, too. */
  async blame({ bytes, request }: PackedBlame): Promise<TreeBlame | null> {
    return (await this.ask('blame', [bytes], request))[0] ?? null;
  }

  /** As {@link mergePackage}. Throws `invalidPackage` also where it takes too long. */
  async merge({ bytes, request }: PackedMerge): Promise<MergedPackage> {
    const entries = Object.values(request.versions).flat().length;
    const isQuick = bytes.byteLength <= SMALL_MERGE_BYTES && entries <= FEW_ENTRIES;
    const merged = isQuick ? AT_ONCE.merge(bytes, request) : (await this.ask('merge', [bytes], request))[0];
    if (merged === undefined) throw new DomainError('invalidPackage', 'The three versions take too long to merge.');
    if ('refusal' in merged) throw new DomainError('invalidPackage', merged.refusal);
    return merged;
  }

  /** As {@link mutatePackage}. Throws `invalidPackage` also where it takes too long. */
  async mutate({ bytes, request }: Packed, name: string, mutations: Mutations): Promise<MutatedPackage> {
    const job = { ...mutations, packed: request, name };
    const isQuick = bytes.byteLength <= SMALL_MERGE_BYTES && request.from.length <= FEW_ENTRIES;
    const mutated = isQuick ? AT_ONCE.mutate(bytes, job) : (await this.ask('mutate', [bytes], job))[0];
    if (mutated === undefined) throw new DomainError('invalidPackage', 'The package takes too long to change.');
    if ('refusal' in mutated) throw new DomainError('invalidPackage', mutated.refusal);
    return mutated;
  }

  /** The text of a file that names its package, changed. Throws `invalidPackage` where that cannot be done safely. */
  async rename(file: Uint8Array, edit: NameEdit): Promise<string> {
    const isQuick = file.byteLength <= SMALL_EDIT_BYTES;
    const edited: Edited = isQuick ? AT_ONCE.edit(file, edit) : inTime((await this.ask('edit', [file], edit))[0]);
    if ('refusal' in edited) throw new DomainError('invalidPackage', edited.refusal);
    return edited.text;
  }

  /** A result for each file; undefined for one that takes too long. */
  private ask<Name extends JobName>(
    job: Name,
    files: readonly Uint8Array[],
    argument: JobArgument<Name>,
  ): Promise<(JobResult<Name> | undefined)[]> {
    if (files.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      // The thread answers with what the job gives, as the table of jobs says.
      const done = (results: unknown[]) => resolve(results as (JobResult<Name> | undefined)[]);
      this.send({ job, files, argument, resolve: done, reject });
    });
  }

  private one(batch: Batch, file: Uint8Array): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.send({ ...batch, files: [file], resolve: ([result]) => resolve(result), reject });
    });
  }

  private send(batch: Batch): void {
    this.worker ??= this.start();
    this.open.push(batch);
    const { job, argument } = batch;
    const bytes = concatenated(batch.files);
    const lengths = batch.files.map((file) => file.byteLength);
    const request: ThreadRequest = { job, bytes, lengths, argument };
    this.worker.postMessage(request, [bytes.buffer]);
    if (this.open.length === 1) this.watch();
  }

  private start(): Worker {
    const worker = new Worker(ENTRY, { resourceLimits: MEMORY, execArgv: [] });
    let cause: unknown;
    worker.on('message', (message: 'ready' | 'next' | unknown[]) => {
      if (message === 'ready') this.isReady = true;
      else if (message !== 'next') this.open.shift()?.resolve(message);
      this.watch();
    });
    worker.on('error', (error) => (cause = error));
    worker.on('exit', () => this.ended(cause));
    return worker;
  }

  /** Each file has its time, and so has idleness; only work keeps the process alive. */
  private watch(): void {
    const busy = this.open.length > 0;
    const time = busy ? this.patienceMs : IDLE_MS;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.worker?.terminate(), this.isReady ? time : START_MS);
    if (busy) this.worker?.ref();
    else this.worker?.unref();
    this.timer.unref();
  }

  private ended(cause: unknown): void {
    const begun = this.isReady;
    const [first, ...others] = this.open;
    clearTimeout(this.timer);
    [this.worker, this.isReady, this.open] = [null, false, []];
    if (!begun) {
      const error = new Error('The thread that parses YAML cannot be started.', { cause });
      for (const { reject } of [first, ...others].filter((batch) => batch !== undefined)) reject(error);
      return;
    }
    for (const batch of others) this.send(batch);
    if (first === undefined) return;
    const { files, resolve, reject } = first;
    if (files.length === 1) resolve([undefined]);
    else Promise.all(files.map((file) => this.one(first, file))).then(resolve, reject);
  }
}

function isSmall(files: readonly Uint8Array[]): boolean {
  return files.reduce((sum, file) => sum + file.byteLength, 0) <= SMALL_BYTES;
}

function inTime<Result>(result: Result | undefined): Result {
  if (result === undefined) throw new DomainError('invalidPackage', TOO_LONG);
  return result;
}

function concatenated(files: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(files.reduce((sum, file) => sum + file.byteLength, 0));
  let end = 0;
  for (const file of files) {
    bytes.set(file, end);
    end += file.byteLength;
  }
  return bytes;
}
