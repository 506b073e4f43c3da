import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Tries checks with the faults that they are there for: plants each fault of planted-faults.json in a copy of the tree, runs
 * the one check, and fails for a check that stays green. Arguments select rows by a part of their name.
 */
const rows = JSON.parse(readFileSync('scripts/planted-faults.json', 'utf8')).filter(
  ({ check }) => process.argv.length < 3 || process.argv.slice(2).some((part) => check.includes(part)),
);

const copy = mkdtempSync(join(tmpdir(), 'try-checks-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
  maxBuffer: 64 << 20,
}).stdout;
const built = ['dist', 'src/database/generated', 'test/support/generated'];
for (const path of [...listed.split('\0').filter(Boolean), ...built]) {
  mkdirSync(join(copy, dirname(path)), { recursive: true });
  cpSync(path, join(copy, path), { recursive: true });
}
symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));

/** `unable` where the check could not even be made, which proves nothing. */
function outcomeOf({ command, project, test, env }) {
  const report = join(copy, 'report.json');
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, '--reporter=json', test];
  const [program, ...given] = command ?? [process.execPath, ...vitest, `--outputFile=${report}`];
  rmSync(report, { force: true });
  const { status } = spawnSync(program, given, {
    ...{ cwd: copy, env: { ...process.env, ...env } },
    ...{ encoding: 'utf8', maxBuffer: 64 << 20 },
  });
  if (status === 0) return 'green';
  if (command) return 'red';
  const { numTotalTests } = readReport(report);
  return numTotalTests > 0 ? 'red' : 'unable';
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { numTotalTests: 0 };
  }
}

/** The file with the fault in it; null where the text that the fault replaces is not there exactly once. */
function plant(text, { append, replace, by }) {
  if (append !== undefined) return text + append;
  const parts = text.split(replace);
  return parts.length === 2 ? parts.join(by) : null;
}

const clean = new Map();
let failures = 0;
for (const row of rows) {
  const name = row.command?.join(' ') ?? row.test;
  if (!clean.has(name)) clean.set(name, outcomeOf(row));
  const path = join(copy, row.file);
  const text = readFileSync(path, 'utf8');
  const faulty = plant(text, row);
  let verdict = 'finds its fault';
  if (clean.get(name) !== 'green') verdict = `is ${clean.get(name)} without the fault`;
  else if (faulty === null) verdict = `cannot be tried: ${row.file} does not hold the text to replace exactly once`;
  else {
    writeFileSync(path, faulty);
    const outcome = outcomeOf(row);
    writeFileSync(path, text);
    if (outcome !== 'red') verdict = `is ${outcome} with the fault`;
  }
  if (verdict !== 'finds its fault') failures += 1;
  console.log(`${verdict === 'finds its fault' ? 'ok  ' : 'FAIL'} ${row.check} (${name}): ${verdict}`);
}
console.log(`${rows.length - failures} of ${rows.length} checks find their fault`);
process.exit(failures === 0 && rows.length > 0 ? 0 : 1);
