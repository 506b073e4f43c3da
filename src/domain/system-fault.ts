import type { ReadyReason } from './condition.js';
import { DomainError } from './errors.js';

/** The reasons that are faults of the machine a process runs on, or of how it was set up, and not of a remote. */
export const MACHINE_REASONS = [
  'DiskFull',
  'DiskNotWritable',
  'DiskFailing',
  'LimitReached',
  'GitMissing',
  'GitEnded',
  'SealingKeyMissing',
] as const satisfies readonly ReadyReason[];

type MachineReason = (typeof MACHINE_REASONS)[number];

/** Something that this machine lacks. It passes once that is there, so the work is tried again. */
export class SystemFault extends DomainError {
  constructor(
    readonly reason: MachineReason,
    message: string,
    cause: unknown,
  ) {
    super('unavailable', message, {}, { cause });
  }
}

/** What the operating system says, by its code. No sentence names a path: that is in the log. */
const FAULTS: Readonly<Record<string, readonly [MachineReason, string]>> = {
  ENOSPC: ['DiskFull', 'The disk of the process is full (ENOSPC).'],
  EDQUOT: ['DiskFull', 'The disk quota of the process is used up (EDQUOT).'],
  EFBIG: ['DiskFull', 'A file grew larger than the process may write (EFBIG).'],
  EACCES: ['DiskNotWritable', 'The process may not read or write a file in its DATA_DIR (EACCES).'],
  EPERM: ['DiskNotWritable', 'The process may not change a file in its DATA_DIR (EPERM).'],
  EROFS: ['DiskNotWritable', 'The disk of the process may only be read (EROFS).'],
  EIO: ['DiskFailing', 'The disk of the process fails (EIO).'],
  ESTALE: ['DiskFailing', 'The disk of the process is not connected any more (ESTALE).'],
  EMFILE: ['LimitReached', 'The process has as many files open as it may (EMFILE).'],
  ENFILE: ['LimitReached', 'The machine has as many files open as it can (ENFILE).'],
  EAGAIN: ['LimitReached', 'The process may start no other one (EAGAIN).'],
  ENOMEM: ['LimitReached', 'The machine has no memory left for another process (ENOMEM).'],
  GIT_ENDED: ['GitEnded', 'git was ended by a signal.'],
};

const GIT_MISSING = 'There is no git on the PATH of the process, or it may not be run.';

/** Of the network: there, the same codes mean that a firewall refuses, or a port may not be used. */
const CALLS = new Set(['connect', 'bind', 'listen', 'getaddrinfo', 'read', 'send']);
const EVERYWHERE = new Set(['EMFILE', 'ENFILE']);

/** The fault of this machine that an error tells of, or one that caused it; undefined where it is something else. */
export function systemFault(error: unknown): SystemFault | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof SystemFault) return cause;
    const { code = '', syscall = '' } = cause as { code?: unknown; syscall?: string };
    if (syscall.startsWith('spawn') && (code === 'ENOENT' || code === 'EACCES')) {
      return new SystemFault('GitMissing', GIT_MISSING, error);
    }
    const known = Object.hasOwn(FAULTS, String(code)) ? FAULTS[String(code)] : undefined;
    const isCall = CALLS.has(syscall) && (code !== 'EIO' || syscall !== 'read');
    if (known && (!isCall || EVERYWHERE.has(String(code)))) return new SystemFault(...known, error);
  }
  return undefined;
}
