import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { selectFields } from '../../database/columns.js';
import { Database } from '../../database/database.js';
import { Prisma } from '../../database/generated/client.js';
import { insertRows } from '../../database/insert-rows.js';
import { labelSelectorSql } from '../../database/label-selector.sql.js';
import { parseLabelSelector } from '../../domain/label-selector.js';
import { uuidv7 } from '../../domain/uuid.js';
import { EventLog } from '../../events/event-log.js';
import { targetSeenSql, targetSight } from '../targets/target.sql.js';
import type { MemberFields } from './member-changes.js';
import type { TargetChoice, VariantRow, VariantSetRow } from './variant-row.js';

const SELECT = Prisma.sql`SELECT ${selectFields(Object.values(Prisma.VariantScalarFieldEnum), 'v')} FROM variant v`;

/** The rows of the members of sets. */
@Injectable()
export class MemberStore {
  constructor(
    private readonly database: Database,
    private readonly events: EventLog,
  ) {}

  /** The names of the targets that somebody means: those that are named, and of those that are selected the ones that they see. */
  async targetsOf(choice: TargetChoice, caller: Caller): Promise<string[]> {
    if ('names' in choice) return choice.names;
    const selected = labelSelectorSql(Prisma.sql`t.labels`, parseLabelSelector(choice.labelSelector));
    const rows = await this.database.read<{ name: string }>(Prisma.sql`
      SELECT t.name FROM target t WHERE ${selected} AND ${targetSeenSql(targetSight(caller))} ORDER BY t.name`);
    return rows.map(({ name }) => name);
  }

  async of(setId: string): Promise<VariantRow[]> {
    return this.database.read<VariantRow>(Prisma.sql`${SELECT} WHERE v.set_id = ${setId}::uuid ORDER BY v.id`);
  }

  async make(set: VariantSetRow, members: readonly MemberFields[]): Promise<void> {
    const now = new Date();
    const rows = members.map((fields) => ({
      ...{ id: uuidv7(), setId: set.id, description: '', ...fields, ...ownOf(set) },
      ...{ resolutions: {}, defaultResolution: {}, retired: false, state: 'pending' as const, reason: null },
      ...{ conflicts: [], conflictCount: 0, merge: null, warnings: [], packageId: null, draftId: null, made: null },
      ...{ dueAt: now, version: 1, createdAt: now, createdBy: set.owner, updatedAt: now, reconciledAt: null },
    }));
    await insertRows(this.database, 'variant', rows);
    await this.tell('created', rows);
  }

  /** `changes`: members of any set, with what they become. */
  async change(set: VariantSetRow, changes: readonly { member: VariantRow; fields: MemberFields }[]): Promise<void> {
    for (const { member, fields } of changes) {
      const version = { increment: 1 };
      const data = { ...fields, ...ownOf(set), retired: false, dueAt: new Date(), updatedAt: new Date(), version };
      await this.database.client.variant.update({
        where: { id: member.id },
        data: data as never,
        select: { id: true },
      });
    }
    await this.tell(
      'changed',
      changes.map(({ member }) => member),
    );
  }

  async retire(members: readonly VariantRow[]): Promise<void> {
    await this.database.write(Prisma.sql`
      UPDATE variant SET retired = true, due_at = now(), version = version + 1, updated_at = now()
      WHERE id = ANY(${members.map(({ id }) => id)}::uuid[])`);
    await this.tell('changed', members);
  }

  private async tell(
    what: 'created' | 'changed',
    rows: readonly Pick<VariantRow, 'id' | 'name' | 'repositoryId' | 'path' | 'state'>[],
  ): Promise<void> {
    await this.events.record(
      rows.map(({ id, name, repositoryId, path, state }) => {
        const facts = { id, name, repositoryId, path, state };
        return { type: `variant.${what}`, repositoryId, path, facts } as const;
      }),
    );
  }
}

const ownOf = ({ owner, ownerEmail, ownerGroups }: VariantSetRow) => ({ owner, ownerEmail, ownerGroups });
