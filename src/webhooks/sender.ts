import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Config } from '../config/config.js';
import { lineOf } from '../domain/message-of.js';
import { storableText } from '../domain/storable-text.js';
import { ForwardProxies } from '../net/forward-proxy.js';
import { GuardedHttp, type HttpAnswer } from '../net/guarded-http.js';
import { HostRefusedError } from '../net/host-policy.js';
import { CredentialVault, keyMissing } from '../vault/credential-vault.js';
import { pauseSeconds, readRetryAfter } from './retries.js';
import { signedHeaders } from './signature.js';
import type { DueDelivery, ToldWebhook } from './webhook-row.js';
import { type Outcome, WebhookStore } from './webhook.store.js';

const GONE = 410;

/** What has become of an attempt, and whether the receiver wants no other. */
export interface Attempt extends Outcome {
  isGone: boolean;
}

/** Sends a delivery once, and says how that went. */
@Injectable()
export class Sender implements OnModuleDestroy {
  private readonly http: GuardedHttp;

  constructor(
    private readonly store: WebhookStore,
    private readonly vault: CredentialVault,
    config: Config,
  ) {
    const timeoutMs = config.webhookTimeoutSeconds * 1_000;
    const proxies = new ForwardProxies(config);
    const { gitAllowedHosts: allowedHosts, gitAllowHttp: allowHttp } = config;
    this.http = new GuardedHttp({ allowedHosts, allowHttp, timeoutMs, proxies });
  }

  async onModuleDestroy(): Promise<void> {
    await this.http.close();
  }

  /** The secrets that sign now. One that was replaced, and that no key of this process opens, signs no more. */
  async secretsOf({ id, name }: ToldWebhook): Promise<string[]> {
    const [present, ...replaced] = await this.store.secretsOf(id);
    if (present === undefined) return [];
    if (!this.vault.opens(present)) throw keyMissing(`The secret of the webhook "${name}"`);
    return [present, ...replaced.filter((secret) => this.vault.opens(secret))].map((secret) =>
      this.vault.openToken(secret),
    );
  }

  /** Throws only where `signal` has aborted. */
  async send(
    { url }: ToldWebhook,
    { eventId: id, body, attempts, traceparent, tracestate }: DueDelivery,
    secrets: readonly string[],
    signal: AbortSignal,
  ): Promise<Attempt> {
    const timestamp = Math.floor(Date.now() / 1_000);
    const headers = {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'user-agent': 'pkgserver',
      // Whoever takes it can go on with the trace of the change.
      ...(traceparent !== null && { traceparent }),
      ...(tracestate !== null && { tracestate }),
      ...signedHeaders({ id, timestamp, body }, secrets),
    };
    try {
      return outcomeOf(await this.http.post(new URL(url), headers, body, signal), attempts + 1);
    } catch (error) {
      signal.throwIfAborted();
      return failed({ status: null, answer: null, error: reasonOf(error) }, attempts + 1);
    }
  }
}

function outcomeOf({ status, headers, beginning }: HttpAnswer, attempts: number): Attempt {
  const answer = storableText(beginning.toString('utf8'));
  if (status >= 200 && status < 300) {
    return { state: 'succeeded', status, answer, error: null, pause: null, isGone: false };
  }
  const error = status >= 300 && status < 400 ? 'Redirects are not followed.' : null;
  if (status === GONE) return { state: 'failed', status, answer, error, pause: null, isGone: true };
  return failed({ status, answer, error }, attempts, readRetryAfter(headers['retry-after']));
}

function failed(told: Pick<Outcome, 'status' | 'answer' | 'error'>, attempts: number, askedFor = 0): Attempt {
  const pause = pauseSeconds(attempts, askedFor);
  return { ...told, state: pause === null ? 'failed' : 'waiting', pause, isGone: false };
}

function reasonOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof HostRefusedError) return cause.message;
    if (cause.name === 'TimeoutError') return 'There was no whole answer in time.';
  }
  return storableText(lineOf(error));
}
