import { GitError, type RefChange } from '../port.js';

/** A command line holds 2 MB in all, the environment included. */
const MAX_ARGUMENT_BYTES = 1_500_000;

/** Throws GitError `tooLarge` when the changes are too many for a command line. */
export function pushArguments(changes: readonly RefChange[], url: string, atomic: boolean, dryRun = false): string[] {
  const args = [
    'push',
    '--porcelain',
    '--no-verify',
    ...(atomic ? ['--atomic'] : []),
    ...(dryRun ? ['--dry-run'] : []),
    ...changes.map(({ ref, expected }) => `--force-with-lease=${ref}:${expected ?? ''}`),
    '--end-of-options',
    url,
    ...changes.map(({ ref, next }) => `${next ?? ''}:${ref}`),
  ];
  const bytes = args.reduce((sum, argument) => sum + Buffer.byteLength(argument) + 1, 0);
  if (bytes > MAX_ARGUMENT_BYTES) throw new GitError('tooLarge', 'The push changes too many refs at once.');
  return args;
}

export const LACKS_ATOMIC = /does not support --atomic push/;
