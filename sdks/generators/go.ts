import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.js';
import { WALKS } from '../folders.js';

/** Builds the walk `name` with the client in the folder `client`. The repository's go.mod and go.sum pin what both import. */
export async function buildGoWalk(name: string, folder: string): Promise<void> {
  for (const file of ['go.mod', 'go.sum', name])
    await cp(join(WALKS, 'go', file), join(folder, file), { recursive: true });
  await run('go', ['build', '-buildvcs=false', '-o', 'run-walk', `./${name}`], { cwd: folder });
}

export async function runGoWalk(folder: string, environment: Record<string, string>): Promise<void> {
  await run(join(folder, 'run-walk'), [], { env: environment });
}
