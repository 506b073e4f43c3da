import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.js';
import { installed, WALKS } from '../folders.js';

const REQUIREMENTS = join(WALKS, 'python/requirements.txt');

/** The folder with the programs of a virtual environment that holds `requirements.txt`: a generator, and what both clients import. */
export async function pythonPrograms(): Promise<string> {
  const version = createHash('sha256')
    .update(await readFile(REQUIREMENTS))
    .digest('hex')
    .slice(0, 12);
  const environment = await installed(`python-${version}`, async (target) => {
    await run('python3', ['-m', 'venv', target]);
    await run(join(target, 'bin/pip'), ['install', '--quiet', '--requirement', REQUIREMENTS]);
  });
  return join(environment, 'bin');
}

/** Imports every module of the package `client` in `folder`: Python has no earlier moment at which it looks at them. */
export async function importClient(folder: string): Promise<void> {
  await runPython(folder, 'import_client.py', {});
}

export async function runPython(folder: string, script: string, environment: Record<string, string>): Promise<void> {
  const python = join(await pythonPrograms(), 'python');
  await run(python, [join(WALKS, 'python', script)], { env: { ...environment, PYTHONPATH: folder } });
}
