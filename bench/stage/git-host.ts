import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export type GitHostCall =
  | { type: 'create' | 'hang' | 'unhang'; name: string }
  | { type: 'alias'; name: string; of: string }
  | { type: 'count'; on: boolean }
  | { type: 'counts' };

export interface GitHostCounts {
  requests: number;
  /** Of the requests, those that push. */
  pushes: number;
}

export interface HostedRepository {
  url: string;
  /** The bare repository on disk. */
  path: string;
}

type Reply = { id: number; result?: unknown; error?: string };

/** Git over smart HTTP on loopback, in a process of its own: the tests' server, told what to do by messages. */
export class GitHost {
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private calls = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (reply: Reply) => this.waiting.get(reply.id)?.(reply));
  }

  static async start(folder: string): Promise<GitHost> {
    const child = fork(join(import.meta.dirname, 'git-host-child.js'), {
      env: { PATH: process.env.PATH, TMPDIR: folder },
      execArgv: [],
    });
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error('The Git server did not start.'))),
    ]);
    return new GitHost(child);
  }

  /** An empty bare repository. */
  create(name: string): Promise<HostedRepository> {
    return this.ask({ type: 'create', name }) as Promise<HostedRepository>;
  }

  /** The same repository under one more name. */
  alias(name: string, of: string): Promise<HostedRepository> {
    return this.ask({ type: 'alias', name, of }) as Promise<HostedRepository>;
  }

  /** Requests for this repository are taken and never answered, until {@link unhang}. */
  async hang(name: string): Promise<void> {
    await this.ask({ type: 'hang', name });
  }

  async unhang(name: string): Promise<void> {
    await this.ask({ type: 'unhang', name });
  }

  /** Begins to count requests, from 0; or ends it. While it counts, answers are held until Git has finished. */
  async count(on: boolean): Promise<void> {
    await this.ask({ type: 'count', on });
  }

  counts(): Promise<GitHostCounts> {
    return this.ask({ type: 'counts' }) as Promise<GitHostCounts>;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }

  private async ask(call: GitHostCall): Promise<unknown> {
    this.calls += 1;
    const id = this.calls;
    const { result, error } = await new Promise<Reply>((resolve) => {
      this.waiting.set(id, resolve);
      this.child.send({ id, call });
    });
    this.waiting.delete(id);
    if (error !== undefined) throw new Error(error);
    return result;
  }
}
