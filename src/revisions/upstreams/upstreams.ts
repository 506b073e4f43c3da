import { Injectable } from '@nestjs/common';
import { SubpackageStore } from '../../content/subpackage.store.js';
import { Database } from '../../database/database.js';
import type { Upstream } from '../../domain/revision.js';
import { EventLog } from '../../events/event-log.js';
import { Outbox } from '../../jobs/outbox.js';
import { INSTANCE_SCOPE } from '../../jobs/work-scope.js';
import { currentContext } from '../../logging/request-context.js';
import { urlKeyOf } from '../../domain/upstream-pin.js';
import { UpstreamStore } from './upstream.store.js';

type Note =
  | { named: Upstream }
  | { tree: string }
  | { packageId: string; isQuiet: boolean }
  | { repository: { id: string; urlKey: string } };

/** Who asks for operations that no user has asked for. */
const ITSELF = 'pkgserver:worker';

/**
 * How what packages were made from stands beside what is published: one row for each place, so that a publication touches
 * as many rows as versions of it were cloned, and not as many as there are clones. What a transaction notes is settled once,
 * at its end.
 */
@Injectable()
export class Upstreams {
  constructor(
    private readonly database: Database,
    private readonly store: UpstreamStore,
    private readonly events: EventLog,
    private readonly outbox: Outbox,
    private readonly subpackages: SubpackageStore,
  ) {}

  /** Revisions that are made from these, with these trees, are written. */
  async named(upstreams: readonly Upstream[], trees: readonly string[]): Promise<void> {
    await this.note([...upstreams.map((named) => ({ named })), ...trees.map((tree) => ({ tree }))]);
  }

  /** What these packages publish, or hold, is another now. What a repository's first reading finds is told nobody. */
  async changed(packageIds: readonly string[]): Promise<void> {
    const isQuiet = this.events.isSummarizing;
    await this.note(packageIds.map((packageId) => ({ packageId, isQuiet })));
  }

  /** A repository was read for the first time, is no more, or is at the last of these URLs from now on. */
  async repositoryChanged(...places: { id: string; url: string }[]): Promise<void> {
    await this.note(places.map(({ id, url }) => ({ repository: { id, urlKey: urlKeyOf(url) } })));
  }

  private async note(notes: readonly Note[]): Promise<void> {
    if (notes.length > 0) await this.database.gather(notes, this.write);
  }

  private readonly write = async (notes: Note[]): Promise<void> => {
    const upstreams = notes.flatMap((note) => ('named' in note ? note.named : []));
    const packages = new Map(notes.flatMap((note) => ('packageId' in note ? [[note.packageId, note.isQuiet]] : [])));
    const repositories = notes.flatMap((note) => ('repository' in note ? note.repository : []));
    const trees = new Set(notes.flatMap((note) => ('tree' in note ? note.tree : [])));
    if (trees.size > 0) upstreams.push(...(await this.subpackages.upstreamsIn([...trees])));
    const added = await this.store.insert(upstreams);
    const idsOf = (isQuiet: boolean) => [...packages].flatMap(([id, quiet]) => (quiet === isQuiet ? id : []));
    const told = await this.store.concernedBy({ packageIds: idsOf(false), repositories: [] });
    const untold = await this.store.concernedBy({ packageIds: idsOf(true), repositories });
    const concerned = [...new Set([...added, ...told, ...untold])].sort();
    if (concerned.length === 0) return;
    const among = new Set(told);
    await this.settle(concerned, [...added, ...untold.filter((id) => !among.has(id))]);
    // Of a clone and a publication of its upstream at the same time, neither sees the other before both have committed.
    await this.database.afterCommit(() => this.database.transaction(() => this.settle(concerned, [])));
  };

  /** Settles pins; where packages are to be told of a newer version, a worker does that: there may be thousands. */
  async settle(ids: readonly string[], quiet: readonly string[]): Promise<void> {
    if (!(await this.store.settle(ids, quiet))) return;
    const target = { type: 'Instance', id: INSTANCE_SCOPE, name: 'pkgserver' } as const;
    const requestedBy = currentContext().actor ?? ITSELF;
    await this.outbox.start({ kind: 'upstreams', repositoryId: null, target, payload: { dueOnly: true }, requestedBy });
  }
}
