import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { GitFixture } from '../../test/support/git-fixture.js';

/** The folder of the YAML files; this module runs from dist/examples/demo. */
const FILES = resolve(import.meta.dirname, '../../../examples/demo/catalog');

/** Commits and tags the sample packages as their authors would; `path` is a bare repository. */
export class SampleCatalog {
  private readonly git: GitFixture;

  constructor(path: string) {
    this.git = GitFixture.create(path);
  }

  async writeFirst(): Promise<void> {
    await this.git.commit({ files: await readFolder('v1'), message: 'Add the first blueprints\n' });
    for (const name of ['apps/web', 'platform/namespace', 'network/default-deny']) await this.git.tag(`${name}/v1`);
  }

  async writeSecondWeb(): Promise<void> {
    // Only what v2 changes is in its folder.
    await this.git.commit({ files: await readFolder('v2'), message: 'web: add probes and a disruption budget\n' });
    await this.git.tag('apps/web/v2');
  }
}

async function readFolder(version: string): Promise<Record<string, string>> {
  const folder = join(FILES, version);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: Record<string, string> = {};
  for (const entry of entries.filter((found) => found.isFile())) {
    const file = join(entry.parentPath, entry.name);
    files[relative(folder, file)] = await readFile(file, 'utf8');
  }
  return files;
}
