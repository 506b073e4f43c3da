import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Drift } from '../../database/generated/client.js';
import type { DriftResolution } from '../../domain/drift.js';
import type { DriftFacts } from '../../events/event-data.js';
import { EventLog } from '../../events/event-log.js';
import type { PackagePlace } from '../../domain/identity.js';
import { shortRef } from '../../domain/ref-layout.js';
import { type DriftSubject, DriftStore, type WrittenDrift } from './drift.store.js';
import type { FoundDrift } from './found-drift.js';

type Note = { found: FoundDrift } | { over: DriftSubject } | { changed: PackagePlace };

/**
 * The only writer of what is found of drift. What a transaction notes is judged once, at its end: what was so between two of
 * its statements was no drift.
 */
@Injectable()
export class DriftLog {
  constructor(
    private readonly database: Database,
    private readonly store: DriftStore,
    private readonly events: EventLog,
  ) {}

  async found(found: readonly FoundDrift[]): Promise<void> {
    await this.note(found.map((one) => ({ found: one })));
  }

  /** It is with these as the service wrote it, or there is nothing any more that could be otherwise. */
  async over(subjects: readonly DriftSubject[]): Promise<void> {
    await this.note(subjects.map((over) => ({ over })));
  }

  /** What the ref holds of these packages is another, or revisions of them came, went or were published. */
  async changed(places: readonly PackagePlace[]): Promise<void> {
    await this.note(places.map((changed) => ({ changed })));
  }

  /** A draft is to end it: its publication, or, of a draft whose branch was deleted, the draft itself. */
  async beginDraft(drift: Drift, draftId: string, draftResolves: 'adopted' | 'restored'): Promise<void> {
    await this.store.update(drift.id, { draftId, draftResolves });
    if (drift.kind !== 'branchDeleted') return;
    await this.tell('resolved', await this.store.end([drift], draftResolves));
    await this.changed(drift.path === null ? [] : [{ repositoryId: drift.repositoryId, path: drift.path }]);
  }

  /** Somebody lets it be. */
  async acknowledge({ id, repositoryId, path }: Drift, acknowledgedBy: string, reason: string): Promise<void> {
    const state = 'acknowledged';
    const row = await this.store.update(id, { state, acknowledgedBy, acknowledgedAt: new Date(), reason });
    await this.tell('acknowledged', [row]);
    await this.changed(path === null ? [] : [{ repositoryId, path }]);
  }

  private async note(notes: readonly Note[]): Promise<void> {
    if (notes.length > 0) await this.database.gather(notes, this.write);
  }

  private readonly write = async (notes: Note[]): Promise<void> => {
    const found = notes.flatMap((note) => ('found' in note ? note.found : []));
    const over = notes.flatMap((note) => ('over' in note ? note.over : []));
    const changed = notes.flatMap((note) => ('changed' in note ? note.changed : []));
    const told = found.flatMap(({ repositoryId, path }) => (path === null ? [] : { repositoryId, path }));
    const places = distinct([...told, ...(await this.store.concerned(distinct(changed), over))]);
    if (places.length > 0) await this.store.lockPackages(places);
    const ended = await this.store.end(over, 'gone');
    const added = await this.store.add(found);
    if (places.length > 0) {
      added.push(...(await this.store.addHeads(places)));
      ended.push(...(await this.store.resolve(places)));
      await this.store.settle(places);
    }
    await this.tell('resolved', ended);
    await this.tell('found', added);
  };

  /** Tells those who follow events: what a repository's first reading found is told as a whole. */
  private async tell(
    what: 'found' | 'acknowledged' | 'resolved',
    rows: readonly (Drift & Partial<WrittenDrift>)[],
  ): Promise<void> {
    const told = rows.filter((row) => row.told ?? true);
    await this.events.record(
      told.map((row) => ({
        type: `drift.${what}`,
        repositoryId: row.repositoryId,
        path: row.path,
        facts: factsOf(row),
      })),
    );
  }
}

function factsOf(row: Drift & Partial<WrittenDrift>): DriftFacts {
  const { id, kind, state, repositoryId, path, revisionId, heldCommit } = row;
  // Who changed a head is known once the history is read.
  const commit = row.gitCommit ?? (kind === 'headDiffers' ? (row.refCommit ?? null) : null);
  const resolution = row.resolution as DriftResolution | null;
  const place = { repositoryId, path, packageRevisionId: revisionId, ref: shortRef(row.ref) };
  return { id, kind, state, ...place, commit, heldCommit, ...(resolution !== null && { resolution }) };
}

const distinct = (places: readonly PackagePlace[]): PackagePlace[] => [
  ...new Map(places.map((place) => [`${place.repositoryId} ${place.path}`, place])).values(),
];
