import { Injectable } from '@nestjs/common';
import type { EventRow } from '../events/event.store.js';
import { isFor, type ToldWebhook } from './webhook-row.js';
import { type EventPlace, WebhookStore } from './webhook.store.js';

type IsSelected = (event: EventRow) => boolean;

/** Which events webhooks are there for. */
@Injectable()
export class WantedEvents {
  constructor(private readonly store: WebhookStore) {}

  /** Of each webhook that wants any, those that it wants, in their order. */
  async of(webhooks: readonly ToldWebhook[], events: readonly EventRow[]): Promise<Map<ToldWebhook, EventRow[]>> {
    const selections = new Map<string, IsSelected>();
    const wanted = new Map<ToldWebhook, EventRow[]>();
    for (const webhook of webhooks) {
      let own = events.filter((event) => isFor(webhook, event));
      const { labelSelector } = webhook;
      if (labelSelector !== null && own.length > 0) {
        // Of the whole batch, so that webhooks with the same selector share the statement.
        const isSelected = selections.get(labelSelector) ?? (await this.select(labelSelector, events));
        selections.set(labelSelector, isSelected);
        own = own.filter(isSelected);
      }
      if (own.length > 0) wanted.set(webhook, own);
    }
    return wanted;
  }

  /** By the labels that the package of an event has now. No event of a package that is gone, or of none, is selected; a test is. */
  private async select(selector: string, events: readonly EventRow[]): Promise<IsSelected> {
    const about = events.filter(({ repositoryId, path }) => repositoryId !== null && path !== null);
    const packages = await this.store.selectPackages(selector, about);
    const selected = new Set(packages.map(placeOf));
    return (event) => event.type === 'webhook.tested' || selected.has(placeOf(event));
  }
}

const placeOf = ({ repositoryId, path }: EventPlace): string => `${repositoryId} ${path}`;
