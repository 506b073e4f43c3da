import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { Scope } from '../../access/permission.js';
import { noteChange } from '../../audit/noted-change.js';
import { Config } from '../../config/config.js';
import { DomainError, refusal } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import { assertPrecondition, type Precondition } from '../../domain/precondition.js';
import { uuidv7 } from '../../domain/uuid.js';
import { EventLog } from '../../events/event-log.js';
import { EventNumberStore } from '../../events/event-number.store.js';
import { READS } from '../../events/event-sight.js';
import { EVENT_NOUNS, type EventType, nounOf } from '../../events/event-types.js';
import { HostPolicy } from '../../net/host-policy.js';
import { assertReachable } from '../../net/reachable.js';
import { CredentialVault } from '../../vault/credential-vault.js';
import type { WebhookFilter } from './webhook.filter.js';
import { WebhookListStore, type WebhookRow } from './webhook-list.store.js';
import { toWebhookResponse } from './webhook.view.js';

interface WebhookFields {
  name: string;
  url: string;
  /** None: all. */
  types: EventType[];
  enabled: boolean;
  description: string;
}

export interface NewWebhook extends WebhookFields {
  filter: { repositoryId: string | null; path: string | null; labelSelector: string | null };
}

export type WebhookPatch = { [Field in keyof WebhookFields]?: WebhookFields[Field] | undefined } & {
  filter?: { labelSelector?: string | null | undefined } | undefined;
};

/** A webhook with its secret, which is not given again. */
export interface IssuedWebhook {
  row: WebhookRow;
  secret: string;
}

/** As many bytes as HMAC-SHA256 makes use of. */
const SECRET_BYTES = 32;
/** So long the secret before signs as well. */
const OVERLAP_MS = 24 * 60 * 60 * 1000;

/**
 * Whom events are sent to. What is sent is what the owner may see: whoever made or changed the webhook last, so that
 * nobody has sent to a place of their own what only somebody else may see.
 */
@Injectable()
export class WebhookService {
  private readonly policy: HostPolicy;
  private readonly perOwner: number;

  constructor(
    private readonly store: WebhookListStore,
    private readonly numbers: EventNumberStore,
    private readonly events: EventLog,
    private readonly vault: CredentialVault,
    config: Config,
  ) {
    this.perOwner = config.webhooksPerOwner;
    this.policy = new HostPolicy({ allowedHosts: config.gitAllowedHosts, allowHttp: config.gitAllowHttp });
  }

  async list(filter: WebhookFilter, caller: Caller, part: Part): Promise<Rows<WebhookRow>> {
    return this.store.list(filter, caller.visibility('webhooks.read'), part);
  }

  async get(id: string): Promise<WebhookRow> {
    return found(await this.store.find(id), 'webhook', id);
  }

  async create({ filter, url, ...given }: NewWebhook, caller: Caller): Promise<IssuedWebhook> {
    const { repositoryId, path, labelSelector } = filter;
    await this.assertKnown(repositoryId, caller);
    this.assertMaySee({ repositoryId, path }, given.types, caller);
    await this.assertRoom(caller);
    const id = uuidv7();
    const now = new Date();
    await this.store.insert({
      ...{ id, ...given, url: this.readUrl(url), repositoryId, path, labelSelector },
      ...{ disabledReason: null, failingSince: null },
      ...{ since: BigInt(await this.numbers.last()), ...ownedBy(caller) },
      ...{ createdAt: now, createdBy: caller.user, updatedAt: now },
    });
    noteChange(id, { repositoryId, path });
    return this.issue(id);
  }

  async update(id: string, patch: WebhookPatch, caller: Caller, seen: Precondition): Promise<WebhookRow> {
    const row = await this.lockAsSeen(id, seen);
    const { name = row.name, types = row.types, enabled = row.enabled, description = row.description } = patch;
    const url = patch.url === undefined ? row.url : this.readUrl(patch.url);
    const { labelSelector = row.labelSelector } = patch.filter ?? {};
    const fields = { name, url, types, labelSelector, enabled, description };
    if (Object.entries(fields).every(([field, value]) => String(row[field as keyof typeof fields]) === String(value))) {
      return row;
    }
    await this.assertMayOwn(row, types, caller);
    const begins = enabled && !row.enabled;
    return this.store.update(id, {
      ...{ ...fields, ...ownedBy(caller), updatedAt: new Date() },
      ...(begins && { since: BigInt(await this.numbers.last()), failingSince: null, disabledReason: null }),
    });
  }

  async rotateSecret(id: string, caller: Caller, seen: Precondition): Promise<IssuedWebhook> {
    const row = await this.lockAsSeen(id, seen);
    await this.assertMayOwn(row, row.types, caller);
    await this.store.update(id, { ...ownedBy(caller), updatedAt: new Date() });
    return this.issue(id);
  }

  async delete(id: string, seen: Precondition): Promise<void> {
    await this.lockAsSeen(id, seen);
    await this.store.delete(id);
  }

  /** Records an event for this webhook alone, which goes through the same steps as all that are sent; gives its id. */
  async test(id: string): Promise<string> {
    const row = found(await this.store.lock(id), 'webhook', id);
    assertEnabled(row);
    noteUnchanged(row);
    const { name, repositoryId, path } = row;
    const [eventId = ''] = await this.events.record([
      { type: 'webhook.tested', repositoryId, path, facts: { id, name, repositoryId } },
    ]);
    return eventId;
  }

  private async issue(id: string): Promise<IssuedWebhook> {
    const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
    const secretId = uuidv7();
    const sealed = this.vault.seal(secretId, { token: secret });
    await this.store.addSecret({ id: secretId, webhookId: id, sealed }, new Date(Date.now() + OVERLAP_MS));
    return { row: await this.get(id), secret };
  }

  private readUrl(text: string): string {
    if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) {
      throw refusal('invalidUrl', '/url', 'invalidUrl', 'This is not a URL such as https://chat.example.com/hooks/7.');
    }
    const url = new URL(text);
    assertReachable(this.policy, url, '/url');
    return url.href;
  }

  private async lockAsSeen(id: string, seen: Precondition): Promise<WebhookRow> {
    const row = found(await this.store.lock(id), 'webhook', id);
    const { etag: before } = toWebhookResponse(row);
    assertPrecondition(seen, before, `The webhook "${row.name}"`);
    noteChange(id, { before, repositoryId: row.repositoryId, path: row.path });
    return row;
  }

  private async assertKnown(repositoryId: string | null, caller: Caller): Promise<void> {
    if (repositoryId === null) return;
    if ((await this.store.isRepository(repositoryId)) && caller.allows('repositories.read', { repositoryId })) return;
    const message = `There is no repository with the id ${repositoryId}.`;
    throw refusal('invalidBody', '/filter/repositoryId', 'notFound', message);
  }

  /** Whoever changes a webhook is its owner then. */
  private async assertMayOwn(row: WebhookRow, types: readonly EventType[], caller: Caller): Promise<void> {
    this.assertMaySee(row, types, caller);
    if (row.owner !== caller.user) await this.assertRoom(caller);
  }

  /** Each is work for every event. */
  private async assertRoom({ user }: Caller): Promise<void> {
    if ((await this.store.countOwned(user)) < this.perOwner) return;
    const most = `You own ${this.perOwner} webhooks, and may own no more (WEBHOOKS_PER_OWNER)`;
    throw new DomainError('stateConflict', `${most}: delete one that nobody needs.`);
  }

  /** Nobody has sent what they could not read themselves. */
  private assertMaySee({ repositoryId, path }: Scope, types: readonly EventType[], caller: Caller): void {
    const scope = { repositoryId, path };
    caller.assertAllowed('webhooks.manage', scope);
    const nouns = types.length === 0 ? EVENT_NOUNS : types.map(nounOf);
    for (const noun of nouns) caller.assertAllowed(READS[noun], scope);
  }
}

/** The groups of then count where no identity provider names others. */
const ownedBy = ({ user, groups }: Caller) => ({ owner: user, ownerGroups: [...groups] });

export function assertEnabled({ name, enabled }: WebhookRow): void {
  if (!enabled) throw new DomainError('stateConflict', `The webhook "${name}" is disabled: nothing is sent to it.`);
}

/** The webhook itself stays as it is. */
export function noteUnchanged(row: WebhookRow): void {
  const { etag } = toWebhookResponse(row);
  noteChange(row.id, { before: etag, after: etag, repositoryId: row.repositoryId, path: row.path });
}
