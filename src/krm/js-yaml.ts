import { createRequire } from 'node:module';
import type * as JsYaml from 'js-yaml';

/**
 * js-yaml by its CommonJS build. V8 of Node 20 runs the ESM build of the same code 2.6 times slower (12 against 32 MB of
 * manifests a second); on Node 22 it is the quicker one by a quarter (39 against 25 to 32 MB), on Node 24 by a tenth.
 */
const jsYaml = createRequire(import.meta.url)('js-yaml') as typeof JsYaml;

export const {
  COLLECTION_STYLE,
  constructFromEvents,
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  EVENT_ID,
  FAILSAFE_SCHEMA,
  getScalarValue,
  mergeTag,
  NOT_RESOLVED,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
} = jsYaml;
