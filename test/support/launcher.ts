import { type ChildProcess, fork, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

export interface Launched {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** The exit status, once both outputs have been read to their end; null after a signal. */
  closed: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

type Command = [command: string, args: readonly string[], env: Record<string, string>];

interface Message {
  id?: number;
  error?: string;
  status?: number | null;
}

/**
 * Starts a program in the folder where the caller is. A worker of Vitest has it started by a small process beside it
 * (launcher-child.mjs, from the first program to the end of the worker): to start one is to fork, and that copies the
 * page tables of the parent. It took 3 ms in a small process, 40 ms in one with 200 MB, and 130 ms in one with 800 MB,
 * which a worker grows to.
 */
export async function launch(...command: Command): Promise<Launched> {
  // The bench, which measures git, is a small process itself.
  if (process.env.VITEST === undefined) return startHere(...command);
  launcher ??= new Launcher();
  return launcher.launch(...command);
}

let launcher: Launcher | null = null;

interface Waiting {
  begun(): void;
  ended(status: number | null): void;
  failed(error: Error): void;
}

class Launcher {
  readonly #socket = join(tmpdir(), `launcher-${process.pid}-${Date.now()}`);
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #programs = 0;
  /** One begins after the other, so that it is known there whose the connections are that come in. */
  #turn: Promise<unknown>;

  constructor() {
    const program = new URL('launcher-child.mjs', import.meta.url);
    // In a group of its own: Ctrl-C would end it before it has removed the socket.
    this.#process = fork(program, [this.#socket], { detached: true, env: {}, execArgv: [] });
    this.#process.on('message', (message: Message) => this.#heard(message));
    this.#process.once('exit', () => {
      launcher = null;
      for (const { failed } of this.#waiting.values()) failed(new Error('the launcher has ended'));
    });
    this.#process.unref();
    this.#process.channel?.unref();
    this.#turn = this.#wait(this.#programs).begun;
  }

  launch(...command: Command): Promise<Launched> {
    const launched = this.#turn.then(() => this.#begin(...command));
    this.#turn = launched.catch(() => undefined);
    return launched;
  }

  async #begin(command: string, args: readonly string[], env: Record<string, string>): Promise<Launched> {
    const id = ++this.#programs;
    const [stdin, stdout, stderr] = [connect(this.#socket), connect(this.#socket), connect(this.#socket)] as const;
    const streams = [stdin, stdout, stderr];
    // A program that fails early closes its input; its exit status says why.
    for (const stream of streams) stream.on('error', () => undefined);
    stdin.pause();
    const read = Promise.all([stdout, stderr].map((output) => new Promise((resolve) => output.once('close', resolve))));
    const { begun, ended } = this.#wait(id);
    this.#process.send({ id, command, args, options: { env, cwd: process.cwd() } });
    void ended.then(
      () => stdin.destroy(),
      () => streams.forEach((stream) => stream.destroy()),
    );
    await begun;
    const closed = Promise.all([ended, read]).then(([status]) => status);
    // Whoever does not ask for it has heard of the failure by the end of the outputs.
    closed.catch(() => undefined);
    const kill = (signal: NodeJS.Signals) => {
      if (this.#process.connected) this.#process.send({ id, signal });
    };
    return { stdin, stdout, stderr, closed, kill };
  }

  /** What becomes of a program; and, under 0, of the launcher itself. */
  #wait(id: number): { begun: Promise<unknown>; ended: Promise<number | null> } {
    let begin: () => void = () => undefined;
    const beginning = new Promise<void>((resolve) => (begin = resolve));
    const ended = new Promise<number | null>((resolve, reject) => {
      this.#waiting.set(id, { begun: begin, ended: resolve, failed: reject });
    });
    return { begun: Promise.race([beginning, ended]), ended };
  }

  #heard({ id = 0, error, status }: Message): void {
    const waiting = this.#waiting.get(id);
    if (error === undefined && status === undefined) return waiting?.begun();
    this.#waiting.delete(id);
    if (error === undefined) waiting?.ended(status ?? null);
    else waiting?.failed(new Error(error));
  }
}

function startHere(...[command, args, env]: Command): Launched {
  const child = spawn(command, args, { env });
  child.stdin.on('error', () => undefined);
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    closed,
    kill: (signal) => child.kill(signal),
  };
}
