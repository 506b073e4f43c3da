import { readdirSync, readFileSync } from 'node:fs';

/** The children of a process that ended and were never waited for. */
export function leftBehind(pid: number | undefined): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        // A helper that works is fine, one that ended and lingers is not.
        return Number(parent) === pid && state === 'Z' ? [`${entry} ${stat.slice(0, 40)}`] : [];
      } catch {
        return [];
      }
    });
}

export const residentBytes = (pid: number): number =>
  1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);

/** Files, sockets and pipes that a process has open. */
export const openHandles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
