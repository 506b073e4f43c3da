import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.js';
import { PROGRAMS, WALKS } from '../folders.js';

/** Compiles the client in `folder` together with the walk `name`, as an application that uses it would. */
export async function compileTypescript(name: string, folder: string): Promise<void> {
  await cp(join(WALKS, 'typescript', `${name}.ts`), join(folder, 'walk.ts'));
  await cp(join(WALKS, 'typescript/tsconfig.json'), join(folder, 'tsconfig.json'));
  await run(join(PROGRAMS, 'tsc'), ['--project', folder]);
}

export async function runTypescript(folder: string, environment: Record<string, string>): Promise<void> {
  await run(process.execPath, [join(folder, 'js/walk.js')], { env: environment });
}
