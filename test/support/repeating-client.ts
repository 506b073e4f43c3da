import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Call, HttpClient } from './http-client.js';
import { Steps } from './steps.js';

/** What every well-behaved client repeats after a while. */
const PASSES: readonly number[] = [429, 502, 503, 504];
const LONGEST_MS = 60_000;

/** Repeats what passes by itself, each POST under one `Idempotency-Key`, as generated SDKs and their users do. */
export class RepeatingClient extends Steps {
  private readonly once: Call;
  /** How many requests had an answer in the end. */
  answered = 0;
  /** How often one was repeated, by the status or the error of the connection. */
  readonly repeated = new Map<string, number>();
  /** From the first try to the answer, at most. */
  longestMs = 0;

  constructor(url: string) {
    super(url);
    this.once = new HttpClient(url).call;
  }

  override readonly call: Call = async (method, path, body, headers = {}) => {
    const key: Record<string, string> = method === 'POST' ? { 'Idempotency-Key': randomUUID() } : {};
    const begun = Date.now();
    for (;;) {
      const tried = await this.once(method, path, body, { ...key, ...headers }).catch((error: unknown) => error);
      const fault = tried instanceof Error ? codeOf(tried) : passing(tried as Answer);
      const took = Date.now() - begun;
      if (fault === null) {
        this.answered += 1;
        this.longestMs = Math.max(this.longestMs, took);
        return tried as Answer;
      }
      this.repeated.set(fault, (this.repeated.get(fault) ?? 0) + 1);
      if (took > LONGEST_MS) throw new Error(`${method} ${path} has no answer after ${took} ms: ${fault}`);
      await sleep(100);
    }
  };
}

const passing = ({ status }: Answer): string | null => (PASSES.includes(status) ? String(status) : null);

/** Of a failed `fetch`: what the connection met, such as ECONNRESET. */
const codeOf = ({ cause, message }: Error): string => {
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : message;
};
