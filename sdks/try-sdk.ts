import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { interrupted, run } from './command.js';
import { CLIENTS } from './folders.js';
import type { Sdk, Tool } from './sdk.js';
import type { World } from './world.js';

export const STEPS = ['generated', 'compiled', 'walked'] as const;
export type Step = (typeof STEPS)[number];
/** A step after one that failed has no outcome. */
export type Outcome = { state: 'passed'; seconds: number } | { state: 'failed' } | { state: 'skipped' };

export interface Trial {
  sdk: Sdk;
  /** The programs that are not on the machine: every step is skipped. */
  missing: string[];
  outcomes: Partial<Record<Step, Outcome>>;
  /** Why a step failed. */
  error: string | null;
}

/** Takes one generator through its steps, until one of them fails. */
export async function trySdk(sdk: Sdk, world: Promise<World>): Promise<Trial> {
  const trial: Trial = { sdk, missing: await missingTools(sdk.tools), outcomes: {}, error: null };
  if (trial.missing.length > 0) {
    for (const step of STEPS) trial.outcomes[step] = { state: 'skipped' };
    return trial;
  }
  const folder = join(CLIENTS, sdk.name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const steps: Record<Step, () => Promise<void>> = {
    generated: async () => void (await sdk.generate(folder)),
    compiled: async () => void (await sdk.compile(folder)),
    walked: async () => {
      const walk = await (await world).prepareWalk(sdk.name);
      await sdk.walk(folder, walk.environment);
      await walk.checkPublished();
    },
  };
  for (const step of STEPS) {
    const started = performance.now();
    try {
      await steps[step]();
      trial.outcomes[step] = { state: 'passed', seconds: (performance.now() - started) / 1_000 };
    } catch (error) {
      trial.outcomes[step] = { state: 'failed' };
      // A command that was ended says only that; the reason is what ended the run.
      const cause: unknown = interrupted.signal.aborted ? interrupted.signal.reason : error;
      trial.error = cause instanceof Error ? cause.message : String(cause);
      break;
    }
  }
  return trial;
}

async function missingTools(tools: readonly Tool[]): Promise<string[]> {
  const missing: string[] = [];
  for (const { name, args } of tools) {
    const found = await run(name, args).catch(() => null);
    if (found === null) missing.push(name);
  }
  return missing;
}
