import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const USAGE = `usage: npm run test:nodes -- [versions of Node] [-- arguments of vitest]

  npm run test:nodes                      the whole suite on Node 20, 22, 24 and 26
  npm run test:nodes -- 24                on Node 24
  npm run test:nodes -- 22 26 -- --project unit`;

/** The binaries come from npm's packages of Node, and stay here. */
const CACHE = 'node_modules/.cache/nodes';

const given = process.argv.slice(2);
const end = given.indexOf('--');
const versions = end < 0 ? given : given.slice(0, end);
const vitest = end < 0 ? [] : given.slice(end + 1);
if (versions.some((version) => !/^\d+(\.\d+){0,2}$/.test(version))) {
  console.error(USAGE);
  process.exit(1);
}

/** The folder of the binary of this version of Node. */
function folderOf(version) {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(CACHE, version);
  const bin = join(process.cwd(), folder, 'node_modules', name, 'bin');
  if (!existsSync(join(bin, 'node'))) {
    mkdirSync(folder, { recursive: true });
    // A folder of its own, so that npm changes nothing of the project's.
    const arguments_ = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `${name}@${version}`];
    const { status } = spawnSync('npm', arguments_, { stdio: 'inherit' });
    if (status !== 0) throw new Error(`npm could not install ${name}@${version}.`);
  }
  return bin;
}

const outcomes = (versions.length > 0 ? versions : ['20', '22', '24', '26']).map((version) => {
  const bin = folderOf(version);
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const is = spawnSync(join(bin, 'node'), ['--version'], { encoding: 'utf8' }).stdout.trim();
  console.log(`== Node ${is}`);
  const run = spawnSync(join(bin, 'node'), ['node_modules/vitest/vitest.mjs', 'run', ...vitest], {
    env,
    stdio: 'inherit',
  });
  return { is, passed: run.status === 0 };
});

for (const { is, passed } of outcomes) console.log(`Node ${is}: ${passed ? 'passed' : 'FAILED'}`);
process.exit(outcomes.every(({ passed }) => passed) ? 0 : 1);
