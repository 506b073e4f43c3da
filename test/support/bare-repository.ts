import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { git } from './git-command.js';

/** What is in a repository: path → content. */
type Files = ReadonlyMap<string, Buffer>;

const FOLDERS = ['hooks', 'objects/info', 'objects/pack', 'refs/heads', 'refs/tags'];

/** What git has made, kept in memory: each worker has it made once, and most tests begin with such a repository. */
const templates = { empty: null as Promise<Files> | null, filled: null as Promise<Files> | null };

/** Makes a bare repository that takes pushes; unless `empty`, with one commit on `main` that holds a README.md. */
export async function makeBareRepository(path: string, { empty = false } = {}): Promise<void> {
  const files = await (templates[empty ? 'empty' : 'filled'] ??= makeTemplate(empty));
  for (const folder of FOLDERS) await mkdir(join(path, folder), { recursive: true });
  for (const [name, content] of files) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
}

async function makeTemplate(empty: boolean): Promise<Files> {
  const path = await mkdtemp(join(tmpdir(), 'template-'));
  try {
    await git(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', path]);
    await git(['config', 'http.receivepack', 'true'], { gitDir: path });
    if (!empty) {
      const input = [
        'commit refs/heads/main',
        'committer Alice Example <alice@example.com> 1704067200 +0000',
        'data 8\nInitial\n',
        'M 100644 inline README.md',
        'data 2\n#\n\n',
      ].join('\n');
      await git(['fast-import', '--quiet'], { gitDir: path, input });
    }
    const files = new Map<string, Buffer>();
    for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      if (entry.isFile()) files.set(file.slice(path.length + 1), await readFile(file));
    }
    return files;
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}
