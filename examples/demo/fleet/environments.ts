/** How many targets each environment has. */
const SIZES = { development: 5, staging: 10, production: 35 } as const;

export type Environment = keyof typeof SIZES;
export const ENVIRONMENTS = Object.keys(SIZES) as Environment[];
export const TARGET_COUNT = Object.values(SIZES).reduce((sum, each) => sum + each, 0);

/** `staging-01` and so on. */
export const targetsOf = (environment: Environment): string[] =>
  Array.from({ length: SIZES[environment] }, (_, at) => `${environment}-${String(at + 1).padStart(2, '0')}`);
