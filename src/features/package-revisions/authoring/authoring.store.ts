import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/database.js';
import type { Repository } from '../../../database/generated/client.js';
import type { NamedRef } from './package-location.js';

/** What the creation of a revision asks the database beyond the revision itself. */
@Injectable()
export class AuthoringStore {
  constructor(private readonly database: Database) {}

  /** The repository, and whether its index was ever brought up to date with the remote. */
  async repository(id: string): Promise<(Repository & { synced: boolean }) | null> {
    const row = await this.database.client.repository.findUnique({ where: { id }, include: { polling: true } });
    return row && { ...row, synced: row.polling?.lastSyncedAt != null };
  }

  /** What the repository's ref holds for a package; null when there is no such package. */
  async headOf(packageId: string) {
    const row = await this.database.client.package.findUnique({
      where: { id: packageId },
      include: { repository: true },
    });
    if (!row) return null;
    const { id: repositoryId, url, directory, ref, commit } = row.repository;
    return { repositoryId, url, directory, ref, commit, path: row.path, tree: row.headTree };
  }

  /** Creations below one top directory of a repository go one after the other: their names may clash in Git. */
  async queueCreations(repositoryId: string, path: string): Promise<void> {
    const [top] = path.split('/', 1);
    await this.database.lockName(`package-revision/${repositoryId}/${top}`);
  }

  /** A package that lies above or below `path`; null where there is none. */
  async packageAround(repositoryId: string, path: string): Promise<string | null> {
    const [found] = await this.database.client.$queryRaw<{ path: string }[]>`
      SELECT p.path FROM package p
      WHERE p.repository_id = ${repositoryId}::uuid
        AND (p.path = ANY(${pathsAbove(path)}::text[]) OR starts_with(p.path, ${`${path}/`}))
        AND (p.head_tree IS NOT NULL OR EXISTS (SELECT 1 FROM package_revision r WHERE r.package_id = p.id))
      LIMIT 1`;
    return found?.path ?? null;
  }

  /** The refs that could stand in the way of a package at `path`: those of packages above and below it. */
  async neighbours(repositoryId: string, path: string): Promise<NamedRef[]> {
    const above = pathsAbove(path);
    return this.database.client.$queryRaw<NamedRef[]>`
      SELECT r.path, CASE WHEN r.lifecycle IN ('draft', 'proposed') THEN r.workspace ELSE r.revision END AS leaf
      FROM package p JOIN package_revision r ON r.package_id = p.id
      WHERE p.repository_id = ${repositoryId}::uuid
        AND (p.path = ANY(${above}::text[]) OR starts_with(p.path, ${`${path}/`}))`;
  }
}

/** Every path that `path` lies below, the repository's directory itself (empty) included. */
function pathsAbove(path: string): string[] {
  const segments = path.split('/');
  return segments.map((_, index) => segments.slice(0, index).join('/')).filter((part) => part !== path);
}
