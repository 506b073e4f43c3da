import { writeFile } from 'node:fs/promises';
import { interrupted } from './command.js';
import { go } from './generators/go.sdk.js';
import { heyApi } from './generators/hey-api.sdk.js';
import { java } from './generators/java.sdk.js';
import { oapiCodegen } from './generators/oapi-codegen.sdk.js';
import { openapiPythonClient } from './generators/openapi-python-client.sdk.js';
import { openapiTypescript } from './generators/openapi-typescript.sdk.js';
import { python } from './generators/python.sdk.js';
import { typescriptFetch } from './generators/typescript-fetch.sdk.js';
import { count, table } from './report.js';
import { type Trial, trySdk } from './try-sdk.js';
import { World } from './world.js';

/** Those that take longest to install come first. */
const SDKS = [oapiCodegen, java, openapiPythonClient, go, python, typescriptFetch, heyApi, openapiTypescript];
const AT_ONCE = 2;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());

// `npm run sdks -- java` tries the generators whose names hold the word. `--report=FILE` leaves the totals for other programs.
const words = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const report = process.argv.find((argument) => argument.startsWith('--report='))?.slice('--report='.length);
const waiting = SDKS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
if (waiting.length === 0) throw new Error(`No generator's name holds ${words.join(' or ')}.`);

const world = World.start();
// A service that does not start fails every walk, which says why.
world.catch(() => undefined);
const trials: Trial[] = [];

async function tryNext(): Promise<void> {
  for (let sdk = waiting.shift(); sdk !== undefined; sdk = waiting.shift()) {
    const trial = await trySdk(sdk, world);
    trials.push(trial);
    if (trial.error !== null) console.error(`\n!! ${sdk.name}: ${trial.error}\n`);
    else console.log(trial.missing.length > 0 ? `${sdk.name}: skipped` : `${sdk.name}: done`);
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, tryNext));
await world.then(
  (started) => started.stop(),
  () => undefined,
);

const totals = count(trials);
// The same fields as in a report of vitest, so that one program can add both up.
const summary = { numPassedTests: totals.passed, numFailedTests: totals.failed, testResults: [] };
if (report !== undefined) await writeFile(report, JSON.stringify(summary));
console.log(`\n${table(trials)}\n\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 ? 1 : 0;
