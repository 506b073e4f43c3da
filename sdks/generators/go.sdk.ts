import { join } from 'node:path';
import { GO, JAVA, MAVEN, type Sdk } from '../sdk.js';
import { buildGoWalk, runGoWalk } from './go.js';
import { OPENAPI_GENERATOR_VERSION, openapiGenerator } from './openapi-generator.js';

/** Without the lookup the client tries every variant of a union, and takes a constant for any string: several variants match. */
const UNIONS = 'useOneOfDiscriminatorLookup=true';
/** The constants of all enums are names of one Go package: `Draft` is in two of them. */
const ENUMS = 'enumClassPrefix=true';

export const go: Sdk = {
  name: 'openapi-generator-go',
  version: OPENAPI_GENERATOR_VERSION,
  tools: [GO, JAVA, MAVEN],
  generate: (folder) =>
    openapiGenerator('go', join(folder, 'client'), `packageName=client,withGoMod=false,${UNIONS},${ENUMS}`),
  compile: (folder) => buildGoWalk('openapi-generator', folder),
  walk: runGoWalk,
};
