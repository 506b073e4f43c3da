import type { Random } from '../support/random.js';
import type { Client } from './client.js';
import { treeOid } from './tree-hash.js';
import type { World } from './world.js';

/** Reads all the while what others change, and notes what nobody may ever see. */
export class Reader {
  readonly faults: string[] = [];
  reads = 0;
  /** The tree that each published revision had when it was first seen, by id and commit. */
  readonly #published = new Map<string, string>();

  constructor(
    private readonly world: World,
    private readonly client: Client,
    private readonly random: Random,
  ) {}

  async act(): Promise<void> {
    const { id } = this.random.pick(this.world.repositories) ?? { id: '' };
    const list = await this.client.get(`/package-revisions?repositoryId=${id}&pageSize=100`);
    const item = list.status === 200 ? this.random.pick(list.body.items) : undefined;
    if (!item) return;
    const { body, status } = await this.client.get(`/package-revisions/${item.id}/resources`);
    if (status !== 200) return;
    this.reads += 1;
    const computed = treeOid(body.files);
    if (computed !== body.etag) this.faults.push(`8: ${item.name} was read as ${computed}, its etag is ${body.etag}`);
    if (item.lifecycle !== 'published') return;
    const key = `${item.id} ${String(item.revision)} ${String(item.commit)}`;
    const first = this.#published.get(key) ?? item.tree;
    this.#published.set(key, first);
    if (item.tree !== first)
      this.faults.push(`3: ${item.name} ${String(item.revision)} was ${first}, now ${item.tree}`);
  }
}
