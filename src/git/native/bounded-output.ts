import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { GitError } from '../port.js';

const MAX_COMPLAINTS = 64 * 1024;

/** What a child says, up to a limit: all of its output, and the end of its complaints. */
export class BoundedOutput {
  readonly #output: Buffer[] = [];
  #outputBytes = 0;
  #complaints: Buffer = Buffer.alloc(0);

  constructor(child: ChildProcessWithoutNullStreams, maxBytes: number, onTooMuch: (error: GitError) => void) {
    child.stdout.on('data', (chunk: Buffer) => {
      this.#outputBytes += chunk.length;
      if (this.#outputBytes > maxBytes) {
        this.#output.length = 0;
        onTooMuch(new GitError('tooLarge', 'The remote answers more than can be taken in.'));
      } else this.#output.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#complaints = Buffer.concat([this.#complaints, chunk]).subarray(-MAX_COMPLAINTS);
    });
  }

  get stdout(): string {
    return Buffer.concat(this.#output).toString('utf8');
  }

  get stderr(): string {
    return this.#complaints.toString('utf8');
  }
}
