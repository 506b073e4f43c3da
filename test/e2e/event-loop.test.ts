import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { HttpClient } from '../support/http-client.js';
import { addRepository } from '../support/index-rows.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';

/** What parsers have stood still for: a part of a file that is nothing else, over and over. */
const PARTS = [
  ...[
    '[',
    '{',
    '[}',
    '}\n',
    '- ',
    '? ',
    ': ',
    'a: b: c\n',
    '*a ',
    '&a ',
    '%a\n',
    '"\n',
    'a: "\n',
    "a: '\n",
    'a: !x b\n',
    '!x\n',
  ],
  ...[
    ',',
    'a: 1\n',
    '---\n',
    'a: &a [1, 2]\nb: *a\n',
    '  - a\n',
    'a: {{ .b }}\n',
    '{a: ',
    '? - ',
    '\t',
    '\u0085',
    '# [\n',
    '|\n ',
  ],
];
/** Just what is read at once, and what a thread reads. */
const SIZES = [30 * 1024, 70 * 1024];
/** The event loop stands no longer for what somebody sends. */
const LONGEST_MS = 50;

let test: TestDatabase;
let dataDir: string;
let program: PkgserverProcess;
let client: HttpClient;
let repositoryId: string;

beforeAll(async () => {
  test = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-loop-'));
  const watch = `--import=${new URL('../support/loop-watch.mjs', import.meta.url).href}`;
  const settings = { DATABASE_URL: test.url, DATA_DIR: dataDir, ROLE: 'api', NODE_OPTIONS: watch };
  program = await startProcess(settings);
  client = new HttpClient(program.url);
  repositoryId = (await addRepository(test.database)).id;
}, 120_000);
afterAll(async () => {
  await program?.stop();
  await test?.drop();
  if (dataDir) await rm(dataDir, { recursive: true, force: true });
});

const repeated = (part: string, size: number): string => part.repeat(Math.ceil(size / Buffer.byteLength(part)));

/** Sends these files one by one, while another client reads; gives how long the loop stood, and the slowest of the reads. */
async function send(name: string, files: readonly string[]) {
  const body = { repositoryId, package: name, workspace: 'one', source: { type: 'init' } };
  const { id } = (await client.expect(201, 'POST', '/package-revisions', body)).body;
  await standstill();
  let done = false;
  let slowestMs = 0;
  const reading = (async () => {
    while (!done) {
      const begun = performance.now();
      await client.expect(200, 'GET', `/package-revisions/${id}`);
      slowestMs = Math.max(slowestMs, performance.now() - begun);
    }
  })();
  for (const [index, content] of files.entries()) {
    const files = { 'a.yaml': { content }, [`f${index}.txt`]: { content: `${index}` } };
    await client.expect(200, 'PATCH', `/package-revisions/${id}/resources`, { files }, { 'If-Match': '*' });
  }
  done = true;
  await reading;
  return { ...(await standstill()), slowestMs };
}

async function standstill(): Promise<{ clockMs: number; cpuMs: number }> {
  const before = program.output().length;
  program.child.kill('SIGUSR2');
  const told = () => /LOOP (\{.*\})/.exec(program.output().slice(before))?.[1];
  await expect.poll(told, { interval: 5 }).toBeDefined();
  return JSON.parse(told() ?? '') as { clockMs: number; cpuMs: number };
}

it('no file that somebody sends makes others wait: the event loop goes on', async () => {
  const hostile = SIZES.flatMap((size) => PARTS.map((part) => repeated(part, size)));
  const plain = hostile.map(({ length }) =>
    repeated('some: plain text, which costs nothing\n', length).replaceAll(':', ''),
  );
  // The first requests of a process compile what the others run.
  await send('warm', [...plain.slice(0, 10), ...hostile.slice(0, PARTS.length)]);
  const usual = await send('plain', plain);
  const worst = await send('hostile', hostile);
  console.log(`event loop: ${JSON.stringify({ usual, worst })}`);
  expect(worst.cpuMs).toBeLessThan(Math.max(LONGEST_MS, 2 * usual.cpuMs));
});
