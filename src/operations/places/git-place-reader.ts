import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { ContentStore } from '../../content/content.store.js';
import { Database } from '../../database/database.js';
import { DomainError } from '../../domain/errors.js';
import type { GitPlace, ReadPlace } from '../../domain/git-place.js';
import { shortRef } from '../../domain/ref-layout.js';
import { listTree } from '../../git/objects/tree.js';
import { GitPort, type GitRepository } from '../../git/port.js';
import { toDomainError } from '../../remotes/failure.js';
import { GitPlaces } from '../../remotes/git-places.js';
import { RemoteAccess } from '../../remotes/remote-access.js';
import { isContentFault } from '../sync/content-fault.js';
import { PackageReader } from '../sync/package-reader.js';
import { findRef } from './find-ref.js';

/** Begins the keys of mirrors that last no longer than one reading; those of repositories are ids. */
const PASSING = 'place-';

/** Reads packages at places in Git as a sync reads those of repositories, by a mirror that is gone afterwards. */
@Injectable()
export class GitPlaceReader extends GitPlaces {
  constructor(
    private readonly port: GitPort,
    private readonly access: RemoteAccess,
    private readonly packages: PackageReader,
    private readonly content: ContentStore,
    private readonly database: Database,
    private readonly config: Config,
  ) {
    super();
  }

  async read(place: GitPlace, id: string, signal: AbortSignal): Promise<ReadPlace> {
    const key = `${PASSING}${id}`;
    try {
      const git = await this.port.open(await this.access.target({ ...place, id: key }));
      return await this.readBy(git, place, signal);
    } catch (error) {
      throw toDomainError(error);
    } finally {
      await this.port.remove(key);
    }
  }

  async tidy(): Promise<void> {
    const ids = (await this.port.keys()).flatMap((key) => (key.startsWith(PASSING) ? key.slice(PASSING.length) : []));
    if (ids.length === 0) return;
    const state = { in: ['queued' as const, 'running' as const] };
    const open = await this.database.client.operation.findMany({
      where: { id: { in: ids }, state },
      select: { id: true },
    });
    const kept = new Set(open.map((operation) => operation.id));
    for (const id of ids) if (!kept.has(id)) await this.port.remove(`${PASSING}${id}`);
  }

  private async readBy(git: GitRepository, place: GitPlace, signal: AbortSignal): Promise<ReadPlace> {
    const { url, directory } = place;
    const { name, oid } = findRef(place, (await git.listRefs(signal)).refs);
    await git.fetch([oid], [], signal);
    const commit = (await git.peel(oid))?.commit;
    const ref = shortRef(name);
    if (commit === undefined) throw new DomainError('remoteRefNotFound', `"${ref}" of ${url} leads to no commit.`);
    const tree = await git.treeAt(commit, directory);
    if (tree === null) {
      throw new DomainError('invalidPackage', `There is no directory "${directory}" at "${ref}" of ${url}.`);
    }
    await this.index(git, tree, { directory, where: `at "${ref}" of ${url}` });
    return { url, directory, ref, commit, tree, fromGit: true };
  }

  /** Throws where it is no package, or a larger one than any may be. */
  private async index(
    git: GitRepository,
    tree: string,
    { directory, where }: { directory: string; where: string },
  ): Promise<void> {
    const what = directory === '' ? `What is ${where}` : `"${directory}" ${where}`;
    const unreadable = await listTree(git, tree).then(() => null, faultOf);
    if (unreadable !== null) throw new DomainError('invalidPackage', `${what} cannot be read: ${unreadable}`);
    const read = await this.packages.read(git, new Map([[tree, 'package']]));
    if (!read.has(tree)) {
      const message = `${what} is no package: it directly holds neither a Kptfile nor a YAML document with apiVersion and kind.`;
      throw new DomainError('invalidPackage', message);
    }
    const { maxPackageBytes } = this.config;
    const sizeBytes = (await this.content.filesOf(tree)).reduce((sum, file) => sum + file.sizeBytes, 0);
    if (sizeBytes <= maxPackageBytes) return;
    const message = `${what} has ${sizeBytes} bytes; a package has at most ${maxPackageBytes}.`;
    throw new DomainError('packageTooLarge', message, { sizeBytes, maxPackageBytes });
  }
}

function faultOf(error: unknown): string {
  if (isContentFault(error)) return error.message;
  throw error;
}
