import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { uuidv7 } from '../domain/uuid.js';
import { EventLog } from '../events/event-log.js';

interface Named {
  name: string;
  isQuiet: boolean;
}

/** Held by each transaction that adds packages with a target, and by whoever deletes a target alone: see {@link Targets.forbidNew}. */
const NEW_PACKAGES = 'targets/new-packages';

/** The rows of targets that packages name: one is there as soon as the first package that goes there. */
@Injectable()
export class Targets {
  constructor(
    private readonly database: Database,
    private readonly events: EventLog,
  ) {}

  /** Packages were inserted that go there. What a repository's first reading finds is told nobody. */
  async named(names: Iterable<string | null>): Promise<void> {
    const isQuiet = this.events.isSummarizing;
    const notes = [...new Set(names)].flatMap((name) => (name === null ? [] : [{ name, isQuiet }]));
    if (notes.length > 0) await this.database.gather(notes, this.write, { first: true });
  }

  /**
   * Until the transaction ends nobody commits packages that this transaction does not see: whether one names a target is
   * decided then.
   */
  async forbidNew(): Promise<void> {
    await this.database.lockName(NEW_PACKAGES);
  }

  /**
   * In the order of names, and before all else that waits for others at the end of a transaction: of two that add the same
   * targets, one waits. A row that is there costs a look into the index.
   */
  private readonly write = async (notes: Named[]): Promise<void> => {
    const quiet = new Map<string, boolean>();
    for (const { name, isQuiet } of notes) quiet.set(name, isQuiet && (quiet.get(name) ?? true));
    const rows = [...quiet.keys()].map((name) => ({ id: uuidv7(), name }));
    const added = await this.database.client.$queryRaw<{ id: string; name: string }[]>`
      WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(hashtextextended(${NEW_PACKAGES}, 0)))
      INSERT INTO target (id, name, created_at, updated_at)
      SELECT n.id, n.name, now(), now()
      FROM held, unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ name }) => name)}::text[]) AS n(id, name)
      ORDER BY n.name COLLATE "C"
      ON CONFLICT (name) DO NOTHING RETURNING id, name`;
    await this.events.record(
      added
        .filter(({ name }) => !quiet.get(name))
        .map((facts) => ({ type: 'target.created', repositoryId: null, path: null, facts, actor: null }) as const),
    );
  };
}
