import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';

const PAGE = 'docs/guide.md';
const CATALOG = 'examples/demo/catalog';

/** Commands of the page, and what it says that they print. */
interface Step {
  heading: string;
  commands: string;
  prints: string;
}

/** A ```sh block, and the ```text block behind it, if there is one. */
function readSteps(page: string): Step[] {
  const parts = page.matchAll(
    /^## (?<heading>.+)$|```sh\n(?<commands>[^]*?)```(?:\n\n```text\n(?<prints>[^]*?)```)?/gm,
  );
  let heading = 'Before the first step';
  const steps: Step[] = [];
  for (const { groups = {} } of parts) {
    if (groups.commands === undefined) heading = groups.heading ?? heading;
    else steps.push({ heading, commands: groups.commands, prints: groups.prints ?? '' });
  }
  return steps;
}

const steps = readSteps(await readFile(PAGE, 'utf8'));

/** Runs the commands of docs/guide.md against the service, one bash for all of them, as its reader does. */
describe('the guide', () => {
  let git: GitServer;
  let test: TestDatabase;
  let pkgserver: PkgserverProcess;
  let folder: string;
  let outputs: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pkgserver-guide-'));
    const missing = await run('for tool in curl jq git tar; do command -v $tool >/dev/null || echo $tool; done');
    if (missing !== '') throw new Error(`${PAGE} is run with programs that are missing here: ${missing}`);
    git = await GitServer.start();
    const blueprints = await git.createRepository('blueprints');
    await fill(GitFixture.create(blueprints.path));
    const fleet = await git.createRepository('fleet');
    test = await createTestDatabase();
    pkgserver = await startProcess({ DATABASE_URL: test.url, DATA_DIR: join(folder, 'data'), AUTH: 'required' });
    const script = steps.map(({ commands }) => commands).join('\nprintf "\\0"\n');
    outputs = (
      await run(
        script
          .replaceAll('http://localhost:8080', pkgserver.url)
          .replaceAll('https://git.example.com/blueprints.git', blueprints.url)
          .replaceAll('https://git.example.com/fleet.git', fleet.url),
      )
    ).split('\0');
  }, 180_000);
  afterAll(async () => {
    await pkgserver?.stop();
    await test?.drop();
    await git?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** What the script prints, errors included. */
  async function run(script: string): Promise<string> {
    const env = { PATH: process.env.PATH, HOME: folder, LC_ALL: 'C' };
    const bash = spawn('bash', ['-u', '-s'], { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [bash.stdout, bash.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    bash.stdin.end(script);
    await once(bash, 'close');
    return output;
  }

  it.each(steps.map(({ heading, prints }, index) => ({ title: `${heading}, step ${index}`, prints, index })))(
    '$title, prints what the page says',
    ({ prints, index }) => {
      expect(outputs[index] ?? '(nothing)').toMatch(pattern(prints));
    },
  );

  it('has all of its commands found and run', () => {
    expect(steps.length).toBeGreaterThan(15);
    expect(outputs).toHaveLength(steps.length);
  });
});

/** The sample packages of the demo, in two commits and with their tags. */
async function fill(catalog: GitFixture): Promise<void> {
  await catalog.commit({ files: await readFolder('v1') });
  for (const name of ['apps/web', 'platform/namespace', 'network/default-deny']) await catalog.tag(`${name}/v1`);
  await catalog.commit({ files: await readFolder('v2') });
  await catalog.tag('apps/web/v2');
}

async function readFolder(version: string): Promise<Record<string, string>> {
  const root = join(CATALOG, version);
  const entries = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [relative(root, path), await readFile(path, 'utf8')])),
  );
}

/** The text as it is, but for `…`, which stands for the rest of a line. */
function pattern(text: string): RegExp {
  const literal = text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('…', '.*');
  return new RegExp(`^${literal}$`);
}
