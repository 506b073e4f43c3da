import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { git } from './git-command.js';
import type { GitServer } from './git-server.js';

/** Git bundles of real catalogs, kept beside the checkout; tests that use them skip where they are not. */
export const CORPORA = process.env.CORPORA_DIR ?? resolve(import.meta.dirname, '../../../shared/corpora');

export const hasCorpora = existsSync(join(CORPORA, 'nephio-catalog.bundle'));

/** Serves a bundle as a repository of that name. */
export async function serveBundle(server: GitServer, name: string): Promise<string> {
  const { url, path } = await server.createRepository(name, { empty: true });
  const refspecs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
  await git(['fetch', '--quiet', '--update-head-ok', join(CORPORA, `${name}.bundle`), ...refspecs], { gitDir: path });
  return url;
}
