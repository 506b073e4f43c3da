import type { Ledger } from '../chaos/ledger.js';
import { Blackout } from './actors/blackout.js';
import { Board } from './actors/board.js';
import { BulkApprover } from './actors/bulk.js';
import { Hooks } from './actors/hooks.js';
import { Mover } from './actors/mover.js';
import { Reviewer } from './actors/reviewer.js';
import { Rewriter } from './actors/rewriter.js';
import { Rollout } from './actors/rollout.js';
import { Blueprints } from './actors/variants.js';
import { Visitor } from './actors/visitor.js';
import type { Guest, Stage } from './stage.js';

const KINDS = [Board, BulkApprover, Rollout, Blueprints, Hooks, Mover, Rewriter, Visitor];
const REVIEWERS = ['reviewer-0', 'reviewer-1', 'reviewer-2', 'reviewer-3'];

/** All that have work of their own; one after the other, so that the seed says what each of them decides. */
export async function invite(stage: Stage, ledger: Ledger): Promise<{ guests: Guest[]; blackout: Blackout }> {
  const blackout = await Blackout.create(stage);
  const guests: Guest[] = [blackout];
  for (const kind of KINDS) guests.push(await kind.create(stage));
  for (const name of REVIEWERS) guests.push(await Reviewer.create(stage, ledger, name));
  return { guests, blackout };
}
