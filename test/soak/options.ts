/** What is asked of a soak, by `scripts/soak.mjs` or, in the whole suite, by nobody. */
export interface SoakOptions {
  seed: number;
  /** How long clients and faults are at it, all rounds together. */
  milliseconds: number;
  /** So many acts at most: the shortest prefix that still shows a failure is looked for with it. */
  acts: number;
}

/** The short form, which `npm test` runs. */
const SHORT_SECONDS = 20;

export function readOptions(env: NodeJS.ProcessEnv): SoakOptions {
  const { SOAK_SEED, SOAK_MINUTES, SOAK_ACTS } = env;
  return {
    seed: Number(SOAK_SEED ?? 1),
    milliseconds: SOAK_MINUTES === undefined ? SHORT_SECONDS * 1_000 : Number(SOAK_MINUTES) * 60_000,
    acts: Number(SOAK_ACTS ?? Infinity),
  };
}
