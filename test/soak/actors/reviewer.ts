import type { Client } from '../../chaos/client.js';
import type { Ledger } from '../../chaos/ledger.js';
import type { Random } from '../../support/random.js';
import type { Guest, Stage } from '../stage.js';

const SIDES = ['base', 'previous', 'latest', 'head', 'upstream', 'newestUpstream'];
const SEARCHES = [
  'kind = ConfigMap',
  'name : "config"',
  'data.value : "m-"',
  'lifecycle = draft',
  'kind = Kptfile AND NOT name = x',
];
const LISTS = [
  '/images',
  '/drift',
  '/fleet?groupBy=repository',
  '/events?pageSize=50&sort=-sequence',
  '/operations?pageSize=50',
];
const WEIGHTS = { diff: 5, search: 3, history: 2, list: 2, manifests: 1, blame: 1 } as const;
/** What somebody who may read everything is answered of what comes and goes; 0: nothing came. */
const FITTING = [0, 200, 404, 409, 422];

/** Somebody who looks at differences, searches, histories and lists while others change them. */
export class Reviewer implements Guest {
  readonly kind = 'reviewer';
  readonly weight = 3;
  private readonly faults: string[] = [];

  private constructor(
    private readonly ledger: Ledger,
    private readonly client: Client,
    private readonly random: Random,
  ) {}

  static async create(stage: Stage, ledger: Ledger, name: string): Promise<Reviewer> {
    return new Reviewer(ledger, await stage.client(name), stage.fork());
  }

  async act(): Promise<void> {
    const kind = this.random.weighted(WEIGHTS);
    const record = this.random.pick([...this.ledger.revisions.values()]);
    const [side, query, list] = [this.random.pick(SIDES), this.random.pick(SEARCHES), this.random.pick(LISTS)];
    if (!record) return;
    const { id, packageId } = record;
    if (kind === 'diff') return this.diff(id, side ?? '');
    if (kind === 'search') return this.search(query ?? '');
    if (kind === 'history') return this.look(`/packages/${packageId}/history`);
    if (kind === 'manifests') return this.look(`/package-revisions/${id}/files`);
    if (kind === 'blame') return this.look(`/package-revisions/${id}/blame?path=config.yaml`);
    return this.look(list ?? '');
  }

  async settle(): Promise<void> {
    return undefined;
  }

  async check(): Promise<string[]> {
    return this.faults;
  }

  /** Two sides are equal where their trees are, and only there. */
  private async diff(id: string, against: string): Promise<void> {
    const { status, body } = await this.client.get(`/package-revisions/${id}/diff?against=${against}&exact=true`);
    this.judge(`diff of ${id} against ${against}`, status, body);
    if (status !== 200) return;
    const { from, to, equal } = body as unknown as Record<'from' | 'to', { tree: string | null }> & { equal: boolean };
    if (equal !== (from.tree === to.tree)) {
      this.faults.push(
        `reads: ${id} and ${against} are said to be ${equal ? 'equal' : 'different'}: ${from.tree}, ${to.tree}`,
      );
    }
  }

  private async search(query: string): Promise<void> {
    const { status, body } = await this.client.get(`/search?q=${encodeURIComponent(query)}`);
    this.judge(`search for ${query}`, status, body);
    if (status === 422) this.faults.push(`reads: the search for ${query} was refused: ${JSON.stringify(body)}`);
  }

  private async look(path: string): Promise<void> {
    const { status, body } = await this.client.get(path);
    this.judge(path, status, body);
  }

  private judge(what: string, status: number, body: object): void {
    if (!FITTING.includes(status)) this.faults.push(`reads: ${what} was answered ${status}: ${JSON.stringify(body)}`);
  }
}
