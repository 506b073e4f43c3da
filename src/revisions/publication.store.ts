import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { PackageRows } from './package-rows.js';
import type { Publication } from '../operations/engine/group.js';

/** Writes down what a group's push has published: in a few statements, however many there are. */
@Injectable()
export class PublicationStore {
  constructor(
    private readonly database: Database,
    private readonly packages: PackageRows,
  ) {}

  /** Runs inside the transaction that closes the group. */
  async record(repositoryId: string, publications: readonly Publication[]): Promise<void> {
    if (publications.length === 0) return;
    const column = <Key extends keyof Publication>(key: Key) => publications.map((publication) => publication[key]);
    const broken = publications.map(({ breakGlass }) => breakGlass && JSON.stringify(breakGlass));
    await this.database.client.$executeRaw`
      UPDATE package_revision r SET lifecycle = 'published', revision = p.revision, version_key = p.version_key,
        tag = p.tag, commit = p.commit, branch = NULL, pushed_tree = r.tree, pushed_base = r.base_commit,
        git_state = 'synced', git_message = NULL, published_at = p.published_at, published_by = p.published_by,
        break_glass = p.break_glass::jsonb, updated_at = now(), updated_by = p.published_by, version = r.version + 1
      FROM unnest(${column('id')}::uuid[], ${column('tree')}::text[], ${column('revision')}::text[],
        ${column('versionKey')}::text[], ${column('tag')}::text[], ${column('commit')}::text[],
        ${column('publishedAt')}::timestamptz[], ${column('publishedBy')}::text[],
        ${broken}::text[])
        AS p(id, tree, revision, version_key, tag, commit, published_at, published_by, break_glass)
      WHERE r.id = p.id AND r.tree = p.tree`;
    const numbers = new Map<string, number>();
    for (const { path, revision } of publications) {
      numbers.set(path, Math.max(Number(revision.slice(1)), numbers.get(path) ?? 0));
    }
    await this.packages.raiseNumbers(repositoryId, numbers);
  }
}
