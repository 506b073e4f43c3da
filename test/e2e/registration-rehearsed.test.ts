import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type Call, HttpClient } from '../support/http-client.js';

const KPTFILE = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: x\n';

/** `POST /repositories?dryRun=true` asks the remote, and changes nothing. */
describe('a registration that is only rehearsed', () => {
  let git: GitServer;
  let api: TestApi;
  let call: Call;
  let fixture: GitFixture;

  beforeAll(async () => {
    git = await GitServer.start();
    api = await startTestApi();
    call = new HttpClient(api.url, { 'X-Remote-User': 'ada' }).call;
    fixture = GitFixture.create((await git.createRepository('blueprints')).path);
    await fixture.commit({ files: { 'apps/web/Kptfile': KPTFILE, 'apps/db/Kptfile': KPTFILE } });
    for (const tag of ['apps/web/v1', 'apps/web/v2', 'apps/db/v1', 'elsewhere/x/v1', 'v1']) await fixture.tag(tag);
    await fixture.branch('drafts/apps/db/two', 'main');
  });
  afterAll(async () => {
    await api?.close();
    await git?.stop();
  });

  const rehearse = (place: object, more: object = {}) =>
    call('POST', '/repositories?dryRun=true', { name: 'blueprints', git: place, ...more });
  const nothing = { commit: null, packageCount: 0, revisionCount: 0, ignoredTags: 0, lastSyncedAt: null };
  const unread = (reason: string) => ({
    ...nothing,
    conditions: [{ type: 'Ready', status: 'False', reason, message: expect.any(String) }],
  });

  it('says what would be found, and leaves nothing', async () => {
    const answer = await rehearse({ url: git.url('blueprints'), directory: 'apps' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBeNull();
    const commit = await fixture.revParse('main');
    expect(answer.body).toMatchObject({
      git: { ref: 'main', directory: 'apps' },
      status: {
        ...{ commit, packageCount: 2, revisionCount: 4, ignoredTags: 2, lastSyncedAt: null },
        conditions: [
          {
            type: 'Ready',
            status: 'True',
            reason: 'Reachable',
            message: expect.stringContaining(`"main" is at ${commit}`),
          },
        ],
      },
    });
    expect(await api.database.client.repository.count()).toBe(0);
    expect(await api.database.client.operation.count()).toBe(0);
    expect(await api.database.client.auditEntry.count({ where: { outcome: 'succeeded' } })).toBe(0);
    expect(api.doorbell.rings).toEqual([]);
    expect(await readdir(`${api.config.dataDir}/mirrors`).catch(() => [])).toEqual([]);
  });

  it('says of an empty repository that the first publication makes the branch', async () => {
    await git.createRepository('empty', { empty: true });
    const { status, git: place } = (await rehearse({ url: git.url('empty') })).body;
    expect([place.ref, status]).toMatchObject([
      'main',
      { ...nothing, conditions: [{ status: 'True', reason: 'Reachable' }] },
    ]);
  });

  it('gives the reason that the condition of a registered one would have', async () => {
    const wrong = async (place: object) => (await rehearse(place)).body.status;
    expect(await wrong({ url: git.url('missing') })).toMatchObject(unread('RepositoryNotFound'));
    expect(await wrong({ url: git.url('blueprints'), ref: 'master' })).toMatchObject(unread('RefNotFound'));
    git.requireBasic('blueprints', 'bot', 'secret');
    expect(await wrong({ url: git.url('blueprints') })).toMatchObject(unread('AuthenticationFailed'));
  });

  it('sends a credential to the hosts that it is for alone, and keeps the rules of hosts', async () => {
    git.requireBasic('blueprints', 'bot', 'secret');
    const credential = { name: 'bot', type: 'basic', username: 'bot', password: 'secret' };
    const { id } = (await call('POST', '/credentials', { ...credential, hosts: ['git.example.com'] })).body;
    const bound = await rehearse({ url: git.url('blueprints'), credentialId: id });
    expect([bound.status, bound.body.errors]).toMatchObject([422, [{ code: 'wrongHost' }]]);
    const free = (await call('POST', '/credentials', { ...credential, name: 'free' })).body;
    const found = await rehearse({ url: git.url('blueprints'), credentialId: free.id });
    expect(found.body.status.conditions).toMatchObject([{ status: 'True' }]);
    // It is bound by its first use, and this was none.
    expect((await call('GET', `/credentials/${free.id}`)).body.hosts).toEqual([]);
    expect((await rehearse({ url: 'https://10.0.0.1/a.git' })).body.code).toBe('hostRefused');
  });

  it('ends in bounded time where the remote hangs, and holds no transaction meanwhile', async () => {
    await git.createRepository('slow');
    git.hang('slow');
    const [begun, before] = [Date.now(), git.requests];
    const waiting = rehearse({ url: git.url('slow') });
    await expect.poll(() => git.requests, { timeout: 8_000 }).toBeGreaterThan(before);
    const open = await api.database.client.$queryRaw<{ count: bigint }[]>`
      SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`;
    const answer = await waiting;
    expect(answer.body.status).toMatchObject(unread('Timeout'));
    expect(Date.now() - begun).toBeLessThan(14_000);
    expect(Number(open[0]?.count)).toBe(0);
  }, 30_000);
});
