import 'reflect-metadata';
import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { OpenAPIObject } from '@nestjs/swagger';
import { AppModule } from './app.module.js';
import { toYaml } from './http/openapi/docs.js';
import { createApiApp } from './http/http-app.js';
import { buildOpenApiDocument } from './http/openapi/openapi-document.js';
import { VERSION } from './version.js';

const FILE = new URL('../openapi.yaml', import.meta.url);

/** The document of the whole API. `preview` builds the routes and nothing behind them: no database is needed. */
export async function openApiDocument(): Promise<OpenAPIObject> {
  const app = await createApiApp(AppModule.register('all'), { nest: { preview: true, logger: ['error'] } });
  const document = buildOpenApiDocument(app, VERSION);
  await app.close();
  return document;
}

/** Writes openapi.yaml; with `--check` only compares, and gives the first line that differs. */
async function main(check: boolean): Promise<void> {
  const expected = toYaml(await openApiDocument());
  if (!check) return writeFile(FILE, expected);
  const committed = await readFile(FILE, 'utf8').catch(() => '');
  if (committed === expected) return;
  const [before, after] = [committed.split('\n'), expected.split('\n')];
  const line = after.findIndex((text, index) => text !== before[index]);
  const at = line < 0 ? after.length : line;
  console.error(`openapi.yaml is not what the code says. Run "npm run openapi" and commit it. Line ${at + 1}:`);
  console.error(`- ${before[at] ?? '(end of file)'}\n+ ${after[at] ?? '(end of file)'}`);
  process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.includes('--check'));
