import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.js';
import { CONTRACT, installed } from '../folders.js';
import { GO, type Sdk } from '../sdk.js';
import { buildGoWalk, runGoWalk } from './go.js';

const VERSION = '2.8.2';

export const oapiCodegen: Sdk = {
  name: 'oapi-codegen',
  version: VERSION,
  tools: [GO],

  async generate(folder) {
    const tool = await installed(`oapi-codegen-${VERSION}`, (target) =>
      run('go', ['install', `github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v${VERSION}`], {
        env: { GOBIN: target },
      }),
    );
    await mkdir(join(folder, 'client'), { recursive: true });
    const output = join(folder, 'client/client.go');
    await run(join(tool, 'oapi-codegen'), ['-package', 'client', '-generate', 'types,client', '-o', output, CONTRACT]);
  },

  compile: (folder) => buildGoWalk('oapi-codegen', folder),
  walk: runGoWalk,
};
