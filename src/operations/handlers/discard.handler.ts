import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Database } from '../../database/database.js';
import { readRef } from '../../domain/ref-layout.js';
import type { TypedOperation } from '../../jobs/typed-operation.js';
import type { OperationGroup, Outcome } from '../engine/group.js';
import type { HandlerOf } from '../engine/repository-handler.js';
import { draftRefs } from '../sync/changed-refs.js';
import { isOnDraftLine } from '../sync/draft-line.js';

/**
 * Removes the branches of a deleted draft, also one that a rename by halves has left beside it. One that someone has moved
 * stays, as a draft of theirs.
 */
@Injectable()
export class DiscardHandler implements HandlerOf<'discard'> {
  readonly payload = z.object({ branches: z.array(z.object({ ref: z.string(), commit: z.string() })) });

  constructor(private readonly database: Database) {}

  async apply({ payload, repositoryId }: TypedOperation<'discard'>, { plan, visit }: OperationGroup): Promise<Outcome> {
    const kept: string[] = [];
    const gone: string[] = [];
    const covered: string[] = [];
    for (const { ref, commit } of payload.branches) {
      // A branch that names the draft in pkgserver's older way is somebody's, and a draft of theirs once ours is gone.
      covered.push(...othersOf(ref).filter((name) => plan.current(name) !== null));
      for (const name of new Set([ref, ...namesakes(ref)])) {
        const tip = plan.current(name);
        if (tip === null) continue;
        const isHalf = name !== ref && (await isOnDraftLine(visit.git, { commit, base: null }, tip));
        if (isHalf || tip === commit) {
          plan.set(name, null);
          gone.push(name);
        } else kept.push(name);
      }
    }
    return {
      result: kept.length === 0 ? {} : { kept },
      unindexed: [...kept, ...covered, ...(await this.taken(repositoryId, gone))],
    };
  }

  /** Those of the branches that the sync of this visit has taken for a draft of somebody, since one of them had moved. */
  private async taken(repositoryId: string, names: readonly string[]): Promise<string[]> {
    if (names.length === 0) return [];
    const where = { repositoryId, branch: { in: [...names] } };
    const rows = await this.database.client.packageRevision.findMany({ where, select: { branch: true } });
    return rows.flatMap(({ branch }) => branch ?? []);
  }
}

/** The branches of the same draft in its other states. */
const namesakes = (ref: string): string[] => refsOf(ref).filter((name) => isOurs(name));

const othersOf = (ref: string): string[] => refsOf(ref).filter((name) => !isOurs(name));

function refsOf(ref: string): string[] {
  const meaning = readRef(ref);
  if (meaning?.kind !== 'drafts' && meaning?.kind !== 'proposed') return [];
  return draftRefs(meaning.directory, meaning.workspace);
}

function isOurs(ref: string): boolean {
  const kind = readRef(ref)?.kind;
  return kind === 'drafts' || kind === 'proposed';
}
