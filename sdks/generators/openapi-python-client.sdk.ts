import { join } from 'node:path';
import { run } from '../command.js';
import { CONTRACT, WALKS } from '../folders.js';
import { PYTHON, type Sdk } from '../sdk.js';
import { importClient, pythonPrograms, runPython } from './python.js';

const VERSION = '0.29.1';

export const openapiPythonClient: Sdk = {
  name: 'openapi-python-client',
  version: VERSION,
  tools: [PYTHON],

  async generate(folder) {
    const program = join(await pythonPrograms(), 'openapi-python-client');
    const config = join(WALKS, 'python/openapi-python-client.yaml');
    // A warning says that something is left out of the client.
    const options = ['--meta', 'none', '--fail-on-warning', '--overwrite', '--config', config];
    await run(program, ['generate', '--path', CONTRACT, '--output-path', join(folder, 'client'), ...options]);
  },

  compile: importClient,
  walk: (folder, environment) => runPython(folder, 'openapi_python_client.py', environment),
};
