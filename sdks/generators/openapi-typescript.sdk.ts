import { join } from 'node:path';
import { run } from '../command.js';
import { CONTRACT, packageVersion, PROGRAMS } from '../folders.js';
import type { Sdk } from '../sdk.js';
import { compileTypescript, runTypescript } from './typescript.js';

export const openapiTypescript: Sdk = {
  name: 'openapi-typescript',
  version: packageVersion('openapi-typescript'),
  tools: [],
  // It would take the rules of the `redocly.yaml` in its working directory, which its users do not have.
  generate: (folder) => run(join(PROGRAMS, 'openapi-typescript'), [CONTRACT, '--output', 'client.ts'], { cwd: folder }),
  compile: (folder) => compileTypescript('openapi-typescript', folder),
  walk: runTypescript,
};
