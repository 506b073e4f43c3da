import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../chaos/client.js';
import type { Cluster } from '../../chaos/cluster.js';
import { makeToken } from '../../support/sign-in.js';
import type { Guest, Stage } from '../stage.js';

const LIFE_MS = 3_000;
/** The clocks of a machine are one, but a request takes its time. */
const MARGIN_MS = 2_000;

/** Somebody whose token ends while they are at it, and who gets another one. */
export class Visitor implements Guest {
  readonly kind = 'visitor';
  readonly weight = 2;
  private token = { secret: '', expiresAt: 0 };
  private readonly faults: string[] = [];

  private constructor(
    private readonly cluster: Cluster,
    private readonly client: Client,
  ) {}

  static async create(stage: Stage): Promise<Visitor> {
    return new Visitor(stage.cluster, await stage.client('visitor'));
  }

  async act(): Promise<void> {
    const { secret, expiresAt } = this.token;
    if (Date.now() > expiresAt + MARGIN_MS) {
      if (secret !== '') await this.expect(401);
      return this.renew();
    }
    await this.expect(Date.now() + MARGIN_MS < expiresAt ? 200 : null);
  }

  async settle(): Promise<void> {
    await sleep(Math.max(0, this.token.expiresAt + MARGIN_MS - Date.now()));
    if (this.token.secret !== '') await this.expect(401);
  }

  async check(): Promise<string[]> {
    return this.faults;
  }

  private async renew(): Promise<void> {
    const expiresAt = new Date(Date.now() + LIFE_MS + MARGIN_MS);
    const made = makeToken(this.cluster.test.database, { user: this.client.name, expiresAt });
    const secret = await made.catch(() => '');
    this.token = { secret, expiresAt: secret === '' ? 0 : expiresAt.getTime() };
  }

  /** `null`: either may come, since the token ends at about this time. */
  private async expect(due: 200 | 401 | null): Promise<void> {
    const { url } = await this.cluster.door(this.client.name);
    const headers = { Authorization: `Bearer ${this.token.secret}` };
    const asked = fetch(`${url}/api/v1/me`, { headers, signal: AbortSignal.timeout(8_000) });
    const begun = Date.now();
    const status = await asked.then(async (response) => (await response.text(), response.status)).catch(() => 0);
    const isLate = due === 200 && Date.now() > this.token.expiresAt - MARGIN_MS;
    if (due === null || isLate || status === 0 || status >= 500 || status === due) return;
    this.faults.push(`access: a token until ${this.token.expiresAt} was answered ${status} at ${begun}, not ${due}`);
  }
}
