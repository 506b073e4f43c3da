import type { PackageRevision, Repository } from '../../src/database/generated/client.js';
import type { UpstreamStatus } from '../../src/domain/upstream-status.js';
import { AuthoringService } from '../../src/features/package-revisions/authoring/authoring.service.js';
import { PackageRevisionStore } from '../../src/revisions/package-revision.store.js';
import { PackageStore } from '../../src/revisions/package.store.js';
import { PublishingWorld } from './publishing.js';
import { someone } from './service-callers.js';

/** Where a Kptfile says that its package is from. */
interface KptUpstream {
  url: string;
  directory: string;
  ref: string;
  commit: string;
}

/** A Kptfile; with an upstream, as kpt writes it. */
export function kptfileFrom(name: string, from?: KptUpstream): string {
  const text = `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n`;
  if (!from) return text;
  const git = `    repo: ${from.url}\n    directory: /${from.directory}\n    ref: ${from.ref}\n`;
  return `${text}upstream:\n  type: git\n  git:\n${git}upstreamLock:\n  type: git\n  git:\n${git}    commit: ${from.commit}\n`;
}

/** A catalog, and a fleet that clones from it, on remotes of their own. */
export class UpstreamWorld {
  private constructor(
    readonly catalog: PublishingWorld,
    readonly fleet: PublishingWorld,
  ) {}

  /** Call at the top of a test file; gives a new pair for each test. */
  static inOneDatabase(settings: Record<string, string> = {}): () => Promise<UpstreamWorld> {
    const start = PublishingWorld.inOneDatabase(settings);
    return async () => new UpstreamWorld(await start(), await start({ deployment: true }));
  }

  get<T>(token: Parameters<PublishingWorld['get']>[0] & (abstract new (...given: never[]) => T)): T {
    return this.catalog.get(token);
  }

  get database() {
    return this.catalog.database;
  }

  /** A published version of a package of the catalog, the first or the next one. */
  async version(path: string, content: string): Promise<PackageRevision> {
    const [last] = await this.catalog.rows({ path, latest: true });
    if (!last) return this.catalog.publish(path, 'one', { 'a.yaml': content });
    const draft = await this.catalog.copy(last, `next-${last.revision}`);
    await this.catalog.edit(draft.id, { 'a.yaml': content });
    return this.catalog.publishDraft(draft.id);
  }

  /** A draft in the fleet, made from a revision, or from the head of its package. */
  async clone(from: PackageRevision | { packageId: string }, name: string): Promise<PackageRevision> {
    const upstream = 'id' in from ? { revisionId: from.id } : { packageId: from.packageId };
    const request = { repositoryId: this.fleet.repository.id, target: 'edge', package: name, workspace: 'one' };
    const source = { type: 'clone' as const, upstream };
    const { id } = await this.get(AuthoringService).create({ ...request, source }, someone('ada'));
    return this.fleet.row(id);
  }

  async cloned(from: PackageRevision | { packageId: string }, name: string): Promise<PackageRevision> {
    return this.fleet.publishDraft((await this.clone(from, name)).id);
  }

  /** A package that somebody else has put there, whose Kptfile alone names what it was made from. */
  async byHand(name: string, from: KptUpstream): Promise<void> {
    await this.fleet.remote.commit({ files: { [`edge/${name}/Kptfile`]: kptfileFrom(name, from) } });
    await this.fleet.remote.tag(`edge/${name}/v1`);
    await this.fleet.visitNow();
  }

  /** How a revision stands, as one who sees all reads it: `behind 2 v1 v3`. */
  async status(id: string): Promise<string> {
    const row = await this.get(PackageRevisionStore).find(id);
    return row?.upstreamStatus ? told(row.upstreamStatus) : 'none';
  }

  /** The same of all packages of the fleet, by their names. */
  async statuses(): Promise<Record<string, string>> {
    const filter = { repositoryId: this.fleet.repository.id };
    const { rows } = await this.get(PackageStore).list(filter, 'all', { size: 500 });
    return Object.fromEntries(
      rows.map(({ name, upstreamStatus }) => [name, upstreamStatus ? told(upstreamStatus) : 'none']),
    );
  }

  /** Forgets all that is indexed, and reads both remotes again; the fleet first, as it may come. */
  async rebuild(): Promise<void> {
    const ids = [this.catalog, this.fleet].map(({ repository }: { repository: Repository }) => repository.id);
    await this.database.client.repository.deleteMany({ where: { id: { in: ids } } });
    await this.database.client.upstreamPin.deleteMany();
    const again = async (world: PublishingWorld) => {
      const { name, url, directory, deployment } = world.repository;
      world.repository = await world.engine.register({ name, url, directory, deployment });
      await world.visit();
    };
    await again(this.fleet);
    await again(this.catalog);
  }
}

const told = ({ state, behind, current, newest }: UpstreamStatus): string =>
  [state, behind, current?.revision ?? '-', newest?.revision ?? '-'].filter((part) => part !== null).join(' ');
