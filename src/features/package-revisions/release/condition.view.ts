import type { Condition } from '../../../domain/revision.js';
import type { ConditionResponse } from './condition.schema.js';

/** A condition beside the content that its revision has now. */
export const toConditionResponse = (condition: Condition, revision: { tree: string }): ConditionResponse => ({
  type: condition.type,
  status: condition.status,
  reason: condition.reason,
  message: condition.message,
  lastTransitionTime: condition.lastTransitionTime,
  tree: condition.tree ?? null,
  current: condition.tree === undefined || condition.tree === revision.tree,
});
