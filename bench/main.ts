import { writeFile } from 'node:fs/promises';
import { readOptions, USAGE } from './options.js';
import { summarizeProfiles } from './profile.js';
import { readHistory, slowdowns, withRun, writeHistory } from './report/history.js';
import { writePage } from './report/page.js';
import { judge, type Result } from './report/result.js';
import { describeRun } from './report/run.js';
import { plainTable } from './report/table.js';
import { ROWS } from './rows.js';
import { Stage } from './stage/stage.js';

/** Runs the rows one after the other and reports; gives the exit code. */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const unknown = options.only.filter((name) => !(name in ROWS));
  if (unknown.length > 0) throw new Error(`No row ${unknown.join(', ')}: there are ${Object.keys(ROWS).join(', ')}.`);
  const chosen = Object.entries(ROWS).filter(([name, { large = false }]) =>
    options.only.length === 0 ? large === options.large : options.only.includes(name),
  );
  const stage = await Stage.open(options);
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interrupted = true;
      // The row under way fails of it. Should it not, nobody waits for it.
      void stage.close().finally(() => setTimeout(() => process.exit(130), 3_000));
    });
  }
  const results: Result[] = [];
  const failures: string[] = [];
  const began = performance.now();
  try {
    for (const [name, { run }] of chosen) {
      console.log(`${`${Math.round((performance.now() - began) / 1000)} s`.padStart(6)}  ${name}`);
      try {
        const found = await run(stage);
        results.push(...found);
        console.log(indent(plainTable(found)));
        for (const { work, notes } of found) for (const note of notes) console.log(indent(`${work}: ${note}`));
      } catch (error) {
        if (interrupted) return 130;
        // The other rows are worth having all the same.
        failures.push(name);
        console.error(`        ${name} could not be measured:`, error);
      }
    }
  } finally {
    await stage.close();
  }
  const measured = await describeRun(options, results);
  const { version, machine, size, setup } = measured;
  const origin = `${version}, ${size}; ${machine}; ${setup}`;
  console.log(`\n${plainTable(results)}\n\n${origin}; ${Math.round((performance.now() - began) / 1000)} s in all`);
  const judged = results.map((result) => ({
    ...result,
    ...judge(result),
    values: { ours: result.ours, native: result.native },
  }));
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify({ origin, options, failures, results: judged }, null, 2)}\n`);
  }
  const before = await readHistory(options.history);
  if (options.write !== undefined) {
    const history = withRun(before, measured);
    await writeHistory(options.history, history);
    await writePage(options.write, history, Object.keys(ROWS));
  }
  if (options.profile !== undefined) console.log(await summarizeProfiles(options.profile));
  const past = judged.filter(({ passed }) => passed === false).map(({ work }) => work);
  const slower = slowdowns(before, measured).map(
    ({ work, before, now, since }) => `  ${work}: ${before} in ${since}, ${now} now`,
  );
  if (slower.length > 0) console.log(`\nMore than 20 % slower:\n${slower.join('\n')}`);
  if (past.length > 0) console.log(`\nPast the limit: ${past.join('; ')}`);
  if (failures.length > 0) console.log(`\nNot measured: ${failures.join(', ')}`);
  return past.length + failures.length > 0 ? 1 : 0;
}

const indent = (text: string): string => text.replaceAll(/^/gm, '        ');

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    console.error(USAGE);
    process.exit(1);
  },
);
