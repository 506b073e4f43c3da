import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { inject } from 'vitest';

const NO_LIMITS = { RATE_LIMIT_IDENTITY: '0', RATE_LIMIT_ADDRESS: '0' };

export interface PkgserverProcess {
  url: string;
  child: ChildProcess;
  /** What it has logged so far. */
  output(): string;
  /** kill -9. */
  kill(): Promise<void>;
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>;
}

/** The built program, or that of another build, in a process of its own. Settings are environment variables. */
export async function startProcess(
  settings: Record<string, string>,
  program: string = inject('program'),
): Promise<PkgserverProcess> {
  const child = spawn(process.execPath, [program], {
    env: {
      PATH: process.env.PATH ?? '',
      PORT: '0',
      AUTH: 'none',
      ...NO_LIMITS,
      GIT_ALLOWED_HOSTS: '127.0.0.1',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit');
  const url = await new Promise<string>((found, reject) => {
    const look = () => {
      const match = /(http:\/\/[\d.]+:\d+)\/(?:api\/v1|health)/.exec(output);
      if (match?.[1]) found(match[1]);
    };
    child.stdout.on('data', look);
    child.once('exit', (code) => reject(new Error(`pkgserver left with status ${code}:\n${output}`)));
  });
  return {
    url,
    child,
    output: () => output,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
      return child.exitCode;
    },
  };
}
