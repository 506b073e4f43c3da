import { join } from 'node:path';
import { JAVA, MAVEN, type Sdk } from '../sdk.js';
import { OPENAPI_GENERATOR_VERSION, openapiGenerator } from './openapi-generator.js';
import { compileTypescript, runTypescript } from './typescript.js';

export const typescriptFetch: Sdk = {
  name: 'openapi-generator-typescript-fetch',
  version: OPENAPI_GENERATOR_VERSION,
  tools: [JAVA, MAVEN],
  generate: (folder) => openapiGenerator('typescript-fetch', join(folder, 'client'), 'importFileExtension=.js'),
  compile: (folder) => compileTypescript('typescript-fetch', folder),
  walk: runTypescript,
};
