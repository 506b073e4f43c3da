import { spawn } from 'node:child_process';
import { devNull } from 'node:os';

export interface GitCommandOptions {
  /** The repository, bare or not. */
  gitDir?: string;
  input?: string | Buffer;
  env?: Record<string, string>;
}

/** Runs native git, untouched by the user's configuration, and gives what it prints. Throws with its complaint if it fails. */
export async function git(args: readonly string[], options: GitCommandOptions = {}): Promise<Buffer> {
  const child = spawn('git', args, { env: { ...gitEnvironment(options.gitDir), ...options.env } });
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  // A git that fails early closes its input; its exit code says why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (status === 0) return Buffer.concat(output);
  throw new Error(`git ${args.join(' ')} failed (${status}): ${Buffer.concat(complaints).toString().trim()}`);
}

/** The environment in which git knows nothing of the machine it runs on. */
export function gitEnvironment(gitDir?: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_TERMINAL_PROMPT: '0',
    ...(gitDir === undefined ? {} : { GIT_DIR: gitDir }),
  };
}
