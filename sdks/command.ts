import { spawn } from 'node:child_process';

export interface CommandOptions {
  cwd?: string;
  env?: Record<string, string>;
}

/** Aborted when the user interrupts the run; every command that still runs is then ended. */
export const interrupted = new AbortController();

/** Runs a command and gives what it printed. Throws with the last lines of that if the command fails. */
export async function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: interrupted.signal,
  });
  const printed: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const output = Buffer.concat(printed).toString();
  if (status === 0) return output;
  const shown = [command, ...args].join(' ').slice(0, 300);
  throw new Error(`${shown}\nended with status ${status}:\n${output.trimEnd().split('\n').slice(-40).join('\n')}`);
}
