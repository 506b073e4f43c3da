import { join } from 'node:path';
import { run } from '../command.js';
import { CONTRACT, packageVersion, PROGRAMS } from '../folders.js';
import type { Sdk } from '../sdk.js';
import { compileTypescript, runTypescript } from './typescript.js';

export const heyApi: Sdk = {
  name: 'hey-api',
  version: packageVersion('@hey-api/openapi-ts'),
  tools: [],

  async generate(folder) {
    await run(join(PROGRAMS, 'openapi-ts'), ['-i', CONTRACT, '-o', join(folder, 'client')]);
  },

  compile: (folder) => compileTypescript('hey-api', folder),
  walk: runTypescript,
};
