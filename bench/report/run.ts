import { cpus, totalmem } from 'node:os';
import { git } from '../../test/support/git-command.js';
import type { Options } from '../options.js';
import type { MeasuredVersion } from './history.js';
import type { Result } from './result.js';

/** Where the figures come from: what was measured, when, and on what. */
export async function describeRun(options: Options, results: readonly Result[]): Promise<MeasuredVersion> {
  const ask = async (...args: string[]) => (await git(args)).toString().trim();
  const changed = await ask('status', '--porcelain', '--', 'src', 'prisma', 'package-lock.json');
  const rows: Record<string, Result[]> = {};
  for (const result of results) (rows[result.row] ??= []).push(result);
  return {
    version: `${await ask('rev-parse', '--short=8', 'HEAD')}${changed === '' ? '' : '+'}`,
    day: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}`,
    size: options.quick ? 'quick' : 'whole',
    setup: `Node ${process.versions.node}, ${await ask('--version')}; ${options.rounds} rounds, seed ${options.seed}`,
    rows,
  };
}
