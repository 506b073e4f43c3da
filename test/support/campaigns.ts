import { expect } from 'vitest';
import { deployWeb, publishWeb } from './deployments.js';
import { GitFixture } from './git-fixture.js';
import type { GitServer } from './git-server.js';
import type { HttpClient } from './http-client.js';
import type { Steps } from './steps.js';

export interface CampaignItem {
  id: string;
  path: string;
  wave: number | null;
  state: string;
  result: string | null;
  draftId: string | null;
  revision: string | null;
  packageId: string;
  repositoryId: string;
  from: { revisionId: string; tree: string };
  error: { code: string } | null;
  etag: string;
  attempts: number;
  waitsFor: { packageId: string; path: string; order: string }[];
  warnings: string[];
}

/** A fleet that was made from a blueprint, and the one step that every campaign takes. */
export interface Fleet {
  id: string;
  fixture: GitFixture;
  /** Where the fleet is, and the catalog of its blueprint. */
  place: { name: string; url: string; path: string };
  catalog: { id: string; name: string; url: string; path: string };
  names: readonly string[];
  /** The blueprint's first and second version. */
  first: string;
  second: string;
}

let count = 0;

/** A deployment repository whose packages were made from the first version of a blueprint, of which there is a second. */
export async function makeFleet(
  { git, root }: { git: Pick<GitServer, 'createRepository'>; root: Steps },
  names: readonly string[],
  conflicting?: string,
): Promise<Fleet> {
  count += 1;
  const [catalog, fleet] = [await git.createRepository(`web-${count}`), await git.createRepository(`fleet-${count}`)];
  const catalogId = await root.register({ name: `web-${count}`, url: catalog.url });
  const first = await publishWeb(root, catalogId, 1);
  const fixture = GitFixture.create(fleet.path);
  await deployWeb(fixture, names, { repo: catalog.url, commit: first.commit, conflicting });
  const id = await root.register({ name: `fleet-${count}`, url: fleet.url, deployment: true });
  const second = await publishWeb(root, catalogId, 2, first.id);
  const places = {
    place: { name: `fleet-${count}`, ...fleet },
    catalog: { id: catalogId, name: `web-${count}`, ...catalog },
  };
  return { id, fixture, names, first: first.id, second: second.id, ...places };
}

/** One campaign through the API: `by` manages it, `approver` stands for its plan. */
export class CampaignSteps {
  constructor(
    readonly by: Steps,
    readonly approver: HttpClient,
    readonly id: string,
  ) {}

  static async create(by: Steps, approver: HttpClient, body: object): Promise<CampaignSteps> {
    const { body: made } = await by.expect(201, 'POST', '/campaigns', body);
    return new CampaignSteps(by, approver, made.id as string);
  }

  async get(by: HttpClient = this.by) {
    return (await by.expect(200, 'GET', `/campaigns/${this.id}`)).body;
  }

  async items(query = '', by: HttpClient = this.by): Promise<CampaignItem[]> {
    const { body } = await by.expect(200, 'GET', `/campaigns/${this.id}/items?pageSize=500${query}`);
    return body.items as CampaignItem[];
  }

  async item(path: string): Promise<CampaignItem> {
    const [found, ...others] = (await this.items()).filter((item) => item.path === path);
    if (!found || others.length > 0) throw new Error(`There are ${found ? 'several items' : 'no items'} of ${path}`);
    return found;
  }

  act(action: string, status = 200, body?: object, by: HttpClient = this.by) {
    return by.expect(status, 'POST', `/campaigns/${this.id}/${action}`, body);
  }

  async plan() {
    const { body } = await this.act('plan', 202);
    expect(await this.by.finished(body.id as string)).toMatchObject({ state: 'succeeded', kind: 'campaignPlan' });
    const planned = await this.get();
    expect(planned.state).toBe('planned');
    return planned;
  }

  async approve(by: HttpClient = this.approver, status = 200) {
    const { plan } = await this.get();
    return by.expect(status, 'POST', `/campaigns/${this.id}/approve`, {}, { 'If-Match': `"${plan.digest}"` });
  }

  /** Plans, approves and starts; gives the operation. */
  async begin(): Promise<string> {
    await this.plan();
    await this.approve();
    return (await this.act('start', 202)).body.id as string;
  }

  async until(state: string) {
    await expect.poll(async () => (await this.get()).state, { timeout: 60_000, interval: 100 }).toBe(state);
    return this.get();
  }
}
