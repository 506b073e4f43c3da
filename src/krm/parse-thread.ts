import { Worker } from 'node:worker_threads';
import { type ParsedFile, parseKrm } from './parse.js';
import type { YamlLimits } from './yaml-limits.js';

/** Files one after the other, as many as there are lengths. */
export interface ParseRequest {
  bytes: Uint8Array<ArrayBuffer>;
  lengths: number[];
  limits: YamlLimits;
}

interface Batch {
  files: readonly Uint8Array[];
  limits: YamlLimits;
  resolve: (parsed: ParsedFile[]) => void;
  reject: (error: Error) => void;
}

/** Up to this much is parsed at once: it takes less time than a thread needs to begin. */
const SMALL_BYTES = 32 * 1024;
const START_MS = 60_000;
const IDLE_MS = 10_000;
const MEMORY = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 };
// Tests run the sources, which a thread cannot load: theirs is the one that was built.
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/krm/parse-thread-entry.js' : './parse-thread-entry.js',
  import.meta.url,
);
const ENDLESS: ParsedFile = { objects: [], parseError: 'The file takes too long, or too much memory, to read.' };

/**
 * Parses KRM files in a thread, so that nothing waits for them, whatever is in them. The thread starts when it is
 * needed and ends when it has been idle. One that dies, or is at one batch for too long, is replaced: the files of that
 * batch are parsed one by one, and the file that is at fault is told to have a parse error.
 */
export class ParseThread {
  private worker: Worker | null = null;
  private isReady = false;
  /** What the thread was asked and has not answered, in order. */
  private open: Batch[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** `patienceMs`: how long the files of one call may take together. */
  constructor(private readonly patienceMs = 30_000) {}

  /** As {@link parseKrm}, for many. Throws where no thread can be started. */
  async parse(files: readonly Uint8Array[], limits: YamlLimits): Promise<ParsedFile[]> {
    const bytes = files.reduce((sum, file) => sum + file.byteLength, 0);
    return bytes <= SMALL_BYTES ? files.map((file) => parseKrm(file, limits)) : this.ask(files, limits);
  }

  private ask(files: readonly Uint8Array[], limits: YamlLimits): Promise<ParsedFile[]> {
    return new Promise((resolve, reject) => this.send({ files, limits, resolve, reject }));
  }

  private send(batch: Batch): void {
    this.worker ??= this.start();
    this.open.push(batch);
    const bytes = concatenated(batch.files);
    const lengths = batch.files.map((file) => file.byteLength);
    const request: ParseRequest = { bytes, lengths, limits: batch.limits };
    this.worker.postMessage(request, [bytes.buffer]);
    if (this.open.length === 1) this.watch();
  }

  private start(): Worker {
    const worker = new Worker(ENTRY, { resourceLimits: MEMORY, execArgv: [] });
    let cause: unknown;
    worker.on('message', (message: 'ready' | ParsedFile[]) => {
      if (message === 'ready') this.isReady = true;
      else this.open.shift()?.resolve(message);
      this.watch();
    });
    worker.on('error', (error) => (cause = error));
    worker.on('exit', () => this.ended(cause));
    return worker;
  }

  /** Each batch has its time, and so has idleness; only work keeps the process alive. */
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
    const { files, limits, resolve, reject } = first;
    if (files.length === 1) resolve([ENDLESS]);
    else Promise.all(files.map((file) => this.ask([file], limits))).then((parsed) => resolve(parsed.flat()), reject);
  }
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
