import { Injectable } from '@nestjs/common';
import { type Standing, StandingRights } from '../access/standing-rights.js';
import { READS } from '../events/event-sight.js';
import { type EventType, nounOf } from '../events/event-types.js';
import type { ToldWebhook } from './webhook-row.js';

/** What of an event decides who may see it. */
interface Seen {
  type: EventType;
  repositoryId: string | null;
  path: string | null;
}

/** So long a right that was taken away may still be believed, in milliseconds. */
const BELIEVED_MS = 1_000;

/** What the owners of webhooks may see now. */
@Injectable()
export class OwnerRights {
  constructor(private readonly rights: StandingRights) {}

  async of(webhooks: readonly ToldWebhook[]): Promise<Standing> {
    return this.rights.of(webhooks.map(({ id, owner, ownerGroups }) => ({ id, user: owner, groups: ownerGroups })));
  }

  /** The same of one webhook, for work that takes a while: looked at again and again. */
  ofOne(webhook: ToldWebhook): () => Promise<Standing> {
    let known: { standing: Promise<Standing>; at: number } | undefined;
    return () => {
      const now = performance.now();
      if (!known || now - known.at > BELIEVED_MS) known = { standing: this.of([webhook]), at: now };
      return known.standing;
    };
  }
}

/** Whoever may see a thing may be told what happens to it. A test shows nothing but the webhook itself. */
export const maySee = (standing: Standing, webhookId: string, { type, repositoryId, path }: Seen): boolean =>
  type === 'webhook.tested'
    ? standing.isSomebody(webhookId)
    : standing.holds(webhookId, READS[nounOf(type)], { repositoryId, path });
