import { type ChildProcess, spawn } from 'node:child_process';
import { BoundedOutput } from './bounded-output.js';

export interface GitCommand {
  args: readonly string[];
  env: Record<string, string>;
  /** Where it runs. */
  cwd: string;
  input?: string;
  signal: AbortSignal;
  /** Called a few times a second; what it throws ends the process and is thrown. */
  watch?: () => Promise<void>;
  /** More than this on its output ends it with GitError `tooLarge`. Default 1 MiB. */
  maxOutputBytes?: number;
}

export interface GitOutcome {
  ok: boolean;
  stdout: string;
  /** The last 64 KiB of its complaints. */
  stderr: string;
}

/** Somebody else has ended git. */
export class GitEndedError extends Error {
  readonly code = 'GIT_ENDED';

  constructor(signal: NodeJS.Signals) {
    super(`git was ended by ${signal}.`);
  }
}

const WATCH_MS = 200;
/** Told to end, git removes its temporary files and collects its helpers; that is quick. */
const GRACE_MS = 1000;

/** Runs git to its end. It leads a process group of its own, with which its helpers (ssh, curl) go when it is stopped. */
export async function runGit(command: GitCommand): Promise<GitOutcome> {
  const { args, env, cwd, signal } = command;
  signal.throwIfAborted();
  const child = spawn('git', args, { env, cwd, detached: true, stdio: 'pipe', windowsHide: true });
  const stop = new AbortController();
  const output = new BoundedOutput(child, command.maxOutputBytes ?? 1024 * 1024, (error) => stop.abort(error));
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, by) =>
      by === null || stop.signal.aborted ? resolve(status) : reject(new GitEndedError(by)),
    );
  });
  // A git that fails early closes its input; its exit status says why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(command.input ?? '');
  const onAbort = () => stop.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  stop.signal.addEventListener('abort', () => endGroup(child), { once: true });
  const watching = setInterval(() => {
    command.watch?.().catch((error: unknown) => stop.abort(error));
  }, WATCH_MS);
  try {
    const status = await closed;
    stop.signal.throwIfAborted();
    return { ok: status === 0, stdout: output.stdout, stderr: output.stderr };
  } finally {
    clearInterval(watching);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Ends a process and all that it started. */
export function endGroup(child: ChildProcess): void {
  signalGroup(child, 'SIGTERM');
  const hard = setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS);
  child.once('close', () => clearTimeout(hard));
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended already.
  }
}
