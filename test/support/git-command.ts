import { devNull } from 'node:os';
import { launch } from './launcher.js';

export interface GitCommandOptions {
  /** The repository, bare or not. */
  gitDir?: string;
  input?: string | Buffer;
  env?: Record<string, string>;
}

/** Runs native git, untouched by the user's configuration, and gives what it prints. Throws with its complaint if it fails. */
export async function git(args: readonly string[], options: GitCommandOptions = {}): Promise<Buffer> {
  const child = await launch('git', args, { ...gitEnvironment(options.gitDir), ...options.env });
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  child.stdin.end(options.input ?? '');
  const status = await child.closed;
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
