import { JAVA, MAVEN, PYTHON, type Sdk } from '../sdk.js';
import { OPENAPI_GENERATOR_VERSION, openapiGenerator } from './openapi-generator.js';
import { importClient, runPython } from './python.js';

export const python: Sdk = {
  name: 'openapi-generator-python',
  version: OPENAPI_GENERATOR_VERSION,
  tools: [PYTHON, JAVA, MAVEN],
  generate: (folder) => openapiGenerator('python', folder, 'packageName=client'),
  compile: importClient,
  walk: (folder, environment) => runPython(folder, 'openapi_generator.py', environment),
};
