import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { postgresPrograms, WITHOUT_PROGRAMS } from '../support/own-server.js';
import { EventReader } from '../support/event-reader.js';
import type { Body } from '../support/http-client.js';
import { ReplicaWorld } from '../support/replica-world.js';

/** While replay is paused the replica stays good enough for whoever has seen nothing newer. */
const PATIENT = { DATABASE_READ_LAG_SECONDS: '3600' };

describe.skipIf(postgresPrograms === null)(`reads from a streaming replica (${WITHOUT_PROGRAMS})`, () => {
  let world: ReplicaWorld;
  let [alice, bob, carol] = ['', '', ''];
  let catalog: string;
  beforeAll(async () => {
    world = await ReplicaWorld.start([PATIENT, PATIENT]);
    [alice, bob, carol] = [await world.person('alice'), await world.person('bob'), await world.person('carol')];
    const { url } = await world.git.createRepository('catalog');
    catalog = await world.at(0).register({ name: 'catalog', url });
    await world.served();
  });
  afterEach(async () => {
    await world.resume();
    await world.served();
  });
  afterAll(async () => world?.remove());

  it('whoever wrote reads it in every process; others read what the replica has', async () => {
    await world.pause();
    await world.makeTarget(world.at(0, alice), 'edge-1');
    const before = [await world.reads('replica', 1), await world.reads('primary', 1)];
    expect(await world.targets(world.at(1, alice))).toContain('edge-1');
    expect(await world.targets(world.at(1, bob))).not.toContain('edge-1');
    expect(await world.targets(world.at(0, bob))).not.toContain('edge-1');
    expect([await world.reads('replica', 1), await world.reads('primary', 1)]).toEqual([
      (before[0] ?? 0) + 1,
      (before[1] ?? 0) + 1,
    ]);

    await world.resume();
    await expect.poll(() => world.targets(world.at(1, bob))).toContain('edge-1');
    const again = await world.reads('replica', 1);
    expect(await world.targets(world.at(1, alice))).toContain('edge-1');
    expect(await world.reads('replica', 1)).toBe(again + 1);
  });

  it('a list of a replica tells to follow events from when it was', async () => {
    await world.pause();
    const id = await world.makeTarget(world.at(0, alice), 'edge-2');
    // Longer than the margin that every list leaves.
    await sleep(6_000);
    const { body, headers } = await world.at(0, bob).expect(200, 'GET', '/targets');
    expect((body.items as Body[]).map(({ name }) => name)).not.toContain('edge-2');
    const after = headers.get('X-Event-Sequence');
    const events = await world.at(1, carol).expect(200, 'GET', `/events?after=${after}&pageSize=100`);
    expect((events.body.items as { subject: string }[]).map(({ subject }) => subject)).toContain(`targets/${id}`);
  });

  it('whoever was told that an operation has ended finds what it has done', async () => {
    const id = await world.at(0, alice).draft(catalog, 'web');
    await world.at(0, alice).propose(id);
    await expect.poll(async () => (await world.at(1, bob).revision(id)).lifecycle).toBe('proposed');
    await world.pause();
    const operation = await world.at(0, alice).approve(id);
    expect(await world.at(1, carol).finished(operation)).toMatchObject({ state: 'succeeded' });
    // Carol was told at one process, and reads at the other.
    expect((await world.at(0, carol).revision(id)).lifecycle).toBe('published');
    const found = await world.at(0, carol).expect(200, 'GET', '/package-revisions?latest=true&path=web');
    expect(found.body.items).toMatchObject([{ id, lifecycle: 'published' }]);
    expect((await world.at(1, bob).revision(id)).lifecycle).toBe('proposed');
  });

  it('whoever waits for the end finds it, too', async () => {
    const id = await world.at(0, alice).draft(catalog, 'waited');
    await world.at(1, alice).propose(id);
    await world.pause();
    const wait = { 'If-Match': '*', Prefer: 'wait=30' };
    const { body } = await world.at(0, alice).expect(200, 'POST', `/package-revisions/${id}/approve`, undefined, wait);
    expect(body.lifecycle).toBe('published');
    expect((await world.at(1, alice).revision(id)).lifecycle).toBe('published');
  });

  it('whoever is told of an event finds what it tells of', async () => {
    const dave = await world.person('dave');
    const reader = await EventReader.open(world.apis[1]?.url ?? '', '', { Authorization: `Bearer ${dave}` });
    await expect.poll(() => reader.lastId).toBeDefined();
    await world.pause();
    const read = await world.reads('replica', 0);
    await world.targets(world.at(0, dave));
    // What dave is told from here on, the stream tells.
    expect(await world.reads('replica', 0)).toBe(read + 1);
    const before = await world.reads('replica', 0);
    expect(await world.targets(world.at(0, bob))).not.toContain('edge-3');
    expect(await world.reads('replica', 0)).toBe(before + 1);
    const id = await world.makeTarget(world.at(0, alice), 'edge-3');
    await reader.until((events) => events.some(({ subject }) => subject === `targets/${id}`));
    expect(await world.targets(world.at(0, dave))).toContain('edge-3');
    expect(await world.targets(world.at(0, bob))).not.toContain('edge-3');
    reader.close();
  });

  it('what a replica does not find the primary is asked for, and nobody sees less afterwards', async () => {
    await world.pause();
    const id = await world.makeTarget(world.at(0, alice), 'edge-4');
    expect(await world.targets(world.at(1, bob))).not.toContain('edge-4');
    await world.at(1, bob).expect(200, 'GET', `/targets/${id}`);
    expect(await world.targets(world.at(0, bob))).toContain('edge-4');
  });

  it('whoever asks for what is true now is told by the primary', async () => {
    await world.pause();
    await world.makeTarget(world.at(0, alice), 'edge-5');
    const { body } = await world.at(1, bob).expect(200, 'GET', '/targets', undefined, { 'Cache-Control': 'no-cache' });
    expect((body.items as Body[]).map(({ name }) => name)).toContain('edge-5');
  });

  it('is asked by whatever only reads', async () => {
    const id = await world.at(0, alice).draft(catalog, 'looked-at');
    await world.at(0, alice).publish(id);
    const { packageId } = await world.at(0, alice).revision(id);
    const target = await world.makeTarget(world.at(0, alice), 'edge-9');
    await world.primary.replayed(world.standby);
    const ofRevision = [
      '',
      '/approvals',
      '/blame?path=config.yaml',
      '/diff',
      '/files',
      '/files/content?path=config.yaml',
    ];
    const more = ['/impact', '/manifests', '/objects', '/resources', '/sbom'];
    const ofPackage = ['', '/delivery-manifests?tool=argocd', '/dependencies', '/dependents', '/history', '/resources'];
    const lists = [
      'campaigns',
      'drift',
      'fleet',
      'images',
      'operations',
      'package-revisions',
      'packages',
      'repositories',
    ];
    const paths = [
      ...[...ofRevision, ...more].map((part) => `/package-revisions/${id}${part}`),
      ...ofPackage.map((part) => `/packages/${packageId}${part}`),
      ...[...lists, 'targets', 'upgrade-previews', 'variant-sets', 'variants', 'views'].map((noun) => `/${noun}`),
      ...['', '/dependencies', '/packages'].map((part) => `/targets/${target}${part}`),
      ...[
        `/repositories/${catalog}`,
        `/repositories/${catalog}/delivery-manifests?tool=argocd`,
        '/search?q=kind%3DConfigMap',
      ],
    ];
    const missed: string[] = [];
    for (const path of paths) {
      const before = await world.reads('replica', 0);
      const { status, text } = await world.at(0, carol).call('GET', path, undefined, { Accept: '*/*' });
      if (status !== 200 || (await world.reads('replica', 0)) !== before + 1)
        missed.push(`${path}: ${status} ${text.slice(0, 80)}`);
    }
    const before = await world.reads('replica', 0);
    await world.at(0, carol).expect(200, 'POST', '/search', { query: 'kind = ConfigMap' });
    expect(await world.reads('replica', 0)).toBe(before + 1);
    expect(missed).toEqual([]);
  });

  it('is not asked who may do what, what is told as it happens, and what is read while it is sent', async () => {
    const id = await world.at(0, alice).draft(catalog, 'sent');
    const { body } = await world.at(0, alice).expect(200, 'GET', '/operations?pageSize=1');
    const [operation] = body.items as Body[];
    await world.primary.replayed(world.standby);
    const nouns = ['me', 'api-tokens', 'role-bindings', 'credentials', 'webhooks', 'receivers', 'audit-entries'];
    const paths = [
      ...nouns.map((noun) => `/${noun}`),
      '/events?after=0',
      `/operations/${operation?.id}`,
      `/package-revisions/${id}/files/archive`,
    ];
    const asked: string[] = [];
    for (const path of paths) {
      const before = await world.reads('replica', 0);
      const { status, text } = await world.at(0, carol).call('GET', path, undefined, { Accept: '*/*' });
      if (status !== 200 || (await world.reads('replica', 0)) !== before)
        asked.push(`${path}: ${status} ${text.slice(0, 80)}`);
    }
    expect(asked).toEqual([]);
  });
});
