import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { type CatFileAnswer, CatFileAnswers } from './cat-file-answers.js';
import { endGroup, GitEndedError } from './git-process.js';

interface Question {
  line: string;
  wantsContent: boolean;
  resolve: (answer: CatFileAnswer) => void;
  reject: (error: Error) => void;
}

/** The child ended with this question unanswered. */
export class CatFileEndedError extends Error {
  override readonly name = 'CatFileEndedError';
}

/**
 * One long-lived `git cat-file` of a mirror. All that is asked in one turn of the event loop goes out in one write;
 * answers come in the same order.
 */
export class CatFile {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #asked: Question[] = [];
  /** How many of `asked` are answered: shifting a long array each time would take longer than the answer. */
  #answered = 0;
  #unsent: string[] = [];
  #ended = false;

  constructor(
    gitDir: string,
    env: Record<string, string>,
    private readonly onEnd: () => void,
  ) {
    const args = ['cat-file', '--batch-command', '--buffer'];
    const options = {
      env: { ...env, GIT_DIR: gitDir },
      cwd: '/',
      detached: true,
      stdio: 'pipe' as const,
      windowsHide: true,
    };
    const child = spawn('git', args, options);
    this.#child = child;
    const answers = new CatFileAnswers(
      () => this.#asked[this.#answered]?.wantsContent ?? false,
      (answer) => this.#answer(answer),
    );
    child.stdout.on('data', (chunk: Buffer) => {
      try {
        answers.push(chunk);
      } catch (error) {
        this.#end(error);
      }
    });
    child.stderr.resume();
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => this.#end(error));
    child.once('close', (_, by) => this.#end(by === null ? undefined : new GitEndedError(by)));
    this.#hold(false);
  }

  /** How many questions are open. */
  get open(): number {
    return this.#asked.length - this.#answered;
  }

  ask(command: 'info' | 'contents', object: string): Promise<CatFileAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(new CatFileEndedError('git cat-file has ended.'));
      if (this.open === 0) this.#hold(true);
      const line = `${command} ${object}\n`;
      this.#asked.push({ line, wantsContent: command === 'contents', resolve, reject });
      this.#unsent.push(line);
      if (this.#unsent.length === 1) process.nextTick(() => this.#send());
    });
  }

  close(): void {
    this.#end();
  }

  #send(): void {
    if (this.#ended) return;
    const lines = this.#unsent;
    this.#unsent = [];
    this.#child.stdin.write(`${lines.join('')}flush\n`);
  }

  #answer(answer: CatFileAnswer): void {
    const question = this.#asked[this.#answered];
    if (question === undefined) throw new RangeError('cat-file answers what nobody asked.');
    this.#answered += 1;
    if (this.open === 0) {
      this.#asked.length = 0;
      this.#answered = 0;
      this.#hold(false);
    }
    question.resolve(answer);
  }

  #end(cause?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    endGroup(this.#child);
    this.#child.stdin.destroy();
    this.onEnd();
    const open = this.#asked.splice(0).slice(this.#answered);
    // That git cannot be run is no fault of the mirror.
    const isSystem = cause instanceof Error && 'syscall' in cause;
    for (const { reject } of open)
      reject(isSystem ? cause : new CatFileEndedError('git cat-file has ended.', { cause }));
  }

  /** Only an open question keeps pkgserver from ending. */
  #hold(hold: boolean): void {
    const method = hold ? 'ref' : 'unref';
    this.#child[method]();
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr])
      (stream as unknown as Socket)[method]();
  }
}
