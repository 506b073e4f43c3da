import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../access/caller.js';
import { noteChange } from '../../../audit/noted-change.js';
import { Database } from '../../../database/database.js';
import { isOwnCondition } from '../../../domain/condition.js';
import { DomainError, refusal } from '../../../domain/errors.js';
import { isQualifiedName } from '../../../domain/labels.js';
import { allowedActions, isPublished } from '../../../domain/lifecycle.js';
import type { Precondition } from '../../../domain/precondition.js';
import type { Condition } from '../../../domain/revision.js';
import { AuthoredRevisions } from '../../../revisions/authored-revisions.js';
import type { RevisionRow } from '../../../revisions/revision-row.js';
import { GateWatch } from './gate-watch.js';
import { ReleaseRules } from './release-rules.js';
import { revisionEtag } from '../../../domain/revision-etag.js';
import { RevisionGuard } from '../revision-guard.js';

export type ConditionReport = Pick<Condition, 'status' | 'reason' | 'message'>;

const MAX_TYPES = 64;

/** What scanners and pipelines say about the content of a draft. It makes nobody's edit or approval stale. */
@Injectable()
export class ConditionService {
  constructor(
    private readonly database: Database,
    private readonly revisions: AuthoredRevisions,
    private readonly guard: RevisionGuard,
    private readonly rules: ReleaseRules,
    private readonly watch: GateWatch,
  ) {}

  /** Sets a condition for the content that the precondition names: by the tree, or by the entity tag of the revision. */
  async set(
    id: string,
    type: string,
    report: ConditionReport,
    caller: Caller,
    precondition: Precondition,
  ): Promise<{ row: RevisionRow; condition: Condition }> {
    assertType(type);
    return this.database.transaction(async () => {
      const row = await this.lock(id, precondition);
      await this.rules.assertMayCheck(row, caller);
      const { others, present } = conditionsOf(row, type);
      if (others.length >= MAX_TYPES) throw tooMany(row);
      const since = present?.status === report.status ? present.lastTransitionTime : new Date().toISOString();
      const condition: Condition = { type, ...report, lastTransitionTime: since, tree: row.tree };
      await this.write(row, [...others, condition]);
      return { row, condition };
    });
  }

  /** Does nothing where there is no condition of this type. */
  async remove(id: string, type: string, precondition: Precondition): Promise<void> {
    assertType(type);
    await this.database.transaction(async () => {
      const row = await this.lock(id, precondition);
      const { others, present } = conditionsOf(row, type);
      await this.write(row, present ? others : row.conditions);
    });
  }

  private async write(row: RevisionRow, conditions: Condition[]): Promise<void> {
    await this.revisions.setConditions(row, conditions);
    await this.watch.tell(row.id);
    noteChange(row.id, { after: revisionEtag({ ...row, conditions }) });
  }

  private async lock(id: string, precondition: Precondition): Promise<RevisionRow> {
    const row = await this.guard.lockSeen(id, precondition);
    if (!isPublished(row.lifecycle)) return row;
    throw new DomainError(
      'stateConflict',
      `"${row.name}" is published; its conditions do not change any more.`,
      { lifecycle: row.lifecycle, allowedActions: [...allowedActions(row.lifecycle)] },
      { about: row },
    );
  }
}

function conditionsOf(row: RevisionRow, type: string): { others: Condition[]; present: Condition | undefined } {
  const all = row.conditions;
  return { others: all.filter((each) => each.type !== type), present: all.find((each) => each.type === type) };
}

function assertType(type: string): void {
  if (isOwnCondition(type)) {
    throw new DomainError('invalidName', `"${type}" is what pkgserver itself says; choose another type.`);
  }
  if (isQualifiedName(type)) return;
  throw new DomainError(
    'invalidName',
    'The type of a condition is a name of at most 63 characters, optionally behind a DNS prefix and a slash.',
  );
}

const tooMany = ({ name }: RevisionRow): DomainError =>
  refusal('invalidBody', '', 'tooBig', `"${name}" has conditions of ${MAX_TYPES} types already; delete one first.`);
