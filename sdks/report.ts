import { type Outcome, STEPS, type Trial } from './try-sdk.js';

/** One line a generator: how each of its steps ended, and which programs it lacks. */
export function table(trials: readonly Trial[]): string {
  const rows = [
    ['generator', ...STEPS, ''],
    ...trials.map(({ sdk, outcomes, missing }) => [
      `${sdk.name} ${sdk.version}`,
      ...STEPS.map((step) => cell(outcomes[step])),
      missing.length > 0 ? `${missing.join(', ')} not found` : '',
    ]),
  ];
  const widths = ['', ...STEPS].map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cell(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'not reached';
  return outcome.state === 'passed' ? `${outcome.seconds.toFixed(1)} s` : outcome.state;
}

export function count(trials: readonly Trial[]): Record<Outcome['state'], number> {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const { outcomes } of trials) for (const outcome of Object.values(outcomes)) totals[outcome.state] += 1;
  return totals;
}
