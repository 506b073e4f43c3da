import type { Caller } from '../access/caller.js';
import { isVisible, type Visibility } from '../access/grants.js';
import type { Permission } from '../access/permission.js';
import type { EventRow } from './event.store.js';
import { EVENT_NOUNS, type EventNoun, nounOf } from './event-types.js';

/** Whoever may see a thing may see what happens to it. */
export const READS: Readonly<Record<EventNoun, Permission>> = {
  repository: 'repositories.read',
  package: 'packages.read',
  /** A caller who does not see everything sees no event of targets: these lie in no repository. */
  target: 'targets.read',
  variant: 'packages.read',
  /** What is told of one package is seen by whoever sees that; the rest lies in no repository. */
  campaign: 'campaigns.read',
  packageRevision: 'packages.read',
  drift: 'packages.read',
  operation: 'operations.read',
  webhook: 'webhooks.read',
};

/** Which events someone may see. */
export type EventSight = Readonly<Record<EventNoun, Visibility>>;

export const sightOf = (caller: Caller): EventSight =>
  Object.fromEntries(EVENT_NOUNS.map((noun) => [noun, caller.visibility(READS[noun])])) as Record<
    EventNoun,
    Visibility
  >;

export const sees = (sight: EventSight, { type, repositoryId, path }: EventRow): boolean =>
  isVisible(sight[nounOf(type)], repositoryId, path);

/** Two callers with the same one see the same. */
export const sightKey = (sight: EventSight): string =>
  JSON.stringify(sight, (_key, value: unknown) => (value instanceof RegExp ? value.source : value));
