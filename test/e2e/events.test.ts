import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { EventReader, type StreamedEvent } from '../support/event-reader.js';
import { HttpClient } from '../support/http-client.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { makeToken, signIn } from '../support/sign-in.js';
import { configMap, Steps } from '../support/steps.js';

let git: GitServer;
let pkgserver: Pkgserver;
let admin: Steps;
let headers: Record<string, string>;
let repositoryId: string;
/** The revision of the package "web". */
let webId: string;
const readers: EventReader[] = [];

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const follow = async (query = '', given: Record<string, string> = headers) => {
  const reader = await EventReader.open(pkgserver.url, query, given);
  expect(reader.response.status).toBe(200);
  readers.push(reader);
  return reader;
};
const short = ({ type }: StreamedEvent) => type.replace('dev.pkgserver.', '');
const has = (type: string) => (events: readonly StreamedEvent[]) => events.some((event) => short(event) === type);

/** Until no operation is left: each end is an event. */
const settled = async () => {
  while ((await admin.expect(200, 'GET', '/operations?state=queued,running')).body.items.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
};

beforeAll(async () => {
  git = await GitServer.start();
  pkgserver = await startPkgserver({ AUTH: 'required', EVENT_STREAMS_PER_IDENTITY: '3' });
  headers = bearer(await signIn(pkgserver.database, 'root', { role: 'admin' }));
  admin = new Steps(pkgserver.url, headers);
}, 120_000);
afterAll(async () => {
  for (const reader of readers) reader.close();
  await pkgserver?.stop();
  await git?.stop();
});

describe('the main job', () => {
  it('is told step by step, on a stream and on pages alike', async () => {
    const { url } = await git.createRepository('blueprints');
    const reader = await follow();
    repositoryId = await admin.register({ name: 'blueprints', url });
    const id = await admin.draft(repositoryId, 'web');
    webId = id;
    // A rehearsal changes nothing, so it is told of nothing.
    await admin.expect(200, 'POST', `/package-revisions/${id}/propose?dryRun=true`);
    await admin.propose(id);
    const condition = { status: 'True', reason: 'Clean', message: 'Nothing was found.' };
    await admin.expect(200, 'PUT', `/package-revisions/${id}/conditions/scanned`, condition, {
      'If-Match': '*',
    });
    await admin.expect(200, 'POST', `/package-revisions/${id}/reject`, { comment: 'Not yet.' });
    const { revision } = await admin.publish(id);
    expect(revision).toBe('v1');
    await admin.expect(200, 'POST', `/package-revisions/${id}/propose-deletion`, { comment: 'Old.' });
    await admin.expect(200, 'POST', `/package-revisions/${id}/reject-deletion`, { comment: 'It stays.' });
    await settled();
    await reader.until(has('packageRevision.deletionRejected'));
    const events = reader.events.filter((event) => short(event) !== 'operation.finished');
    expect(events.map(short)).toEqual([
      'repository.registered',
      'repository.discovered',
      'package.appeared',
      'packageRevision.created',
      'packageRevision.edited',
      'packageRevision.proposed',
      'packageRevision.conditionSet',
      'packageRevision.rejected',
      'packageRevision.proposed',
      'packageRevision.approved',
      'packageRevision.published',
      'package.changed',
      'packageRevision.deletionProposed',
      'packageRevision.deletionRejected',
    ]);
    const published = reader.events.find((event) => short(event) === 'packageRevision.published');
    expect(published).toMatchObject({
      specversion: '1.0',
      source: '/api/v1',
      subject: `package-revisions/${id}`,
      actor: 'root',
      data: {
        packageRevision: {
          id,
          revision: 'v1',
          lifecycle: 'published',
          previously: { lifecycle: 'proposed', revision: null },
        },
      },
    });
    const operation = reader.events.find(({ data }) => data.operation?.kind === 'publish');
    expect(operation?.data.operation).toMatchObject({
      state: 'succeeded',
      packageRevisionId: id,
      requestedBy: 'root',
      error: null,
    });

    const { body, headers: told } = await admin.expect(200, 'GET', '/events?pageSize=500');
    expect(body.items).toEqual(reader.events);
    expect(body.nextCursor).toBeNull();
    expect(Number(told.get('x-event-sequence'))).toBeGreaterThan(1e15);
    const first = await admin.expect(200, 'GET', '/events?pageSize=2');
    const second = await admin.expect(200, 'GET', `/events?pageSize=2&cursor=${first.body.nextCursor}`);
    expect([...first.body.items, ...second.body.items]).toEqual(reader.events.slice(0, 4));
    const newest = await admin.expect(200, 'GET', '/events?pageSize=1&sort=-sequence');
    expect(newest.body.items).toEqual(reader.events.slice(-1));
    reader.close();
  });

  it.each([
    ['type', () => 'dev.pkgserver.packageRevision.published,dev.pkgserver.package.appeared'],
    ['repositoryId', () => repositoryId],
    ['path', () => 'web'],
    ['actor', () => 'root'],
  ])('is told by %s to whoever asks for that', async (name, value) => {
    const { body: all } = await admin.expect(200, 'GET', '/events?pageSize=500');
    const { body } = await admin.expect(200, 'GET', `/events?pageSize=500&${name}=${value()}`);
    expect(body.items.length).toBeGreaterThan(1);
    const wanted = all.items.filter((event: StreamedEvent) => {
      const facts = Object.values(event.data)[0] as unknown as Record<string, unknown>;
      if (name === 'type') return value().split(',').includes(event.type);
      if (name === 'actor') return event.actor === 'root';
      if (name === 'path') return facts.path === 'web' || event.data.operation?.packageRevisionId === webId;
      return facts.repositoryId === repositoryId || facts.id === repositoryId;
    });
    expect(body.items).toEqual(wanted);
    const reader = await follow(`?after=0&${name}=${value()}`);
    expect(await reader.until((events) => events.length >= wanted.length)).toEqual(wanted);
    // And of what comes then.
    const everything = await follow();
    await admin.draft(repositoryId, `live-${name.toLowerCase()}`);
    await settled();
    await everything.until(has('packageRevision.edited'));
    const later = await admin.expect(200, 'GET', `/events?pageSize=500&${name}=${value()}`);
    await reader.until((events) => events.length >= later.body.items.length);
    expect(reader.events).toEqual(later.body.items);
    for (const open of [reader, everything]) open.close();
  });

  it.each(['?after=-1', '?after=x', '?type=dev.pkgserver.none', '?repositoryId=1', '?path=', '?sort=time', '?since=1'])(
    'refuses %s',
    async (query) => {
      const answer = await admin.expect(400, 'GET', `/events${query}`);
      expect(answer.body.code).toBe('invalidQuery');
      const stream = await EventReader.open(pkgserver.url, query, headers);
      expect(stream.response.status).toBe(400);
    },
  );
});

describe('a stream', () => {
  it('goes on from where it broke off, and from a list without a gap', async () => {
    const list = await admin.expect(200, 'GET', '/package-revisions');
    const sequence = list.headers.get('x-event-sequence') ?? '';
    const { body: last } = await admin.expect(200, 'GET', '/events?sort=-sequence&pageSize=1');
    const reader = await follow('', { ...headers, 'Last-Event-ID': last.items[0].sequence });
    const fromList = await follow(`?after=${sequence}`);
    const id = await admin.draft(repositoryId, 'gap');
    await reader.until(has('packageRevision.edited'));
    expect(reader.lastId).toBe(reader.events.at(-1)?.sequence);
    expect(reader.text.startsWith('retry: 3000\n\n')).toBe(true);
    expect(reader.response.headers.get('content-type')).toBe('text/event-stream');
    expect(reader.response.headers.get('x-accel-buffering')).toBe('no');
    const [created] = reader.events.filter(({ subject }) => subject.endsWith(id));
    expect(created && short(created)).toBe('packageRevision.created');
    await fromList.until((events) => events.some((event) => event.subject.endsWith(id)));
    const again = await follow('', { ...headers, 'Last-Event-ID': created?.sequence ?? '' });
    await again.until(has('packageRevision.edited'));
    expect(again.events.map(({ sequence: at }) => at)).not.toContain(created?.sequence);
    for (const open of [reader, fromList, again]) open.close();
  });

  it('refuses a Last-Event-ID that is none of ours, and one from before what is kept', async () => {
    const forged = await EventReader.open(pkgserver.url, '', { ...headers, 'Last-Event-ID': 'abc' });
    expect(forged.response.status).toBe(400);
    const { client } = pkgserver.database;
    await client.eventNumbers.updateMany({ data: { pruned: 5 } });
    for (const accept of ['text/event-stream', 'application/json']) {
      const { status, body } = await admin.call('GET', '/events?after=4', undefined, { Accept: accept });
      expect([status, body.code]).toEqual([410, 'eventsPruned']);
    }
    await admin.expect(200, 'GET', '/events?after=5');
    await client.eventNumbers.updateMany({ data: { pruned: 0 } });
  });

  it('is one of a few that an identity may have open', async () => {
    const token = bearer(await signIn(pkgserver.database, 'greedy', { role: 'viewer' }));
    const open = [await follow('', token), await follow('', token), await follow('', token)];
    const refused = await EventReader.open(pkgserver.url, '', token);
    expect(refused.response.status).toBe(429);
    expect(refused.response.headers.get('retry-after')).toBe('10');
    open[0]?.close();
    for (let status = 429; status === 429;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const next = await EventReader.open(pkgserver.url, '', token);
      ({ status } = next.response);
      next.close();
    }
    for (const reader of open) reader.close();
  });
});

describe('whoever may see a part', () => {
  it('is told of that part alone, by numbers that tell nothing of the rest', async () => {
    const { url } = await git.createRepository('fleet');
    const fleet = await admin.register({ name: 'fleet', url, deployment: true });
    const viewer = bearer(
      await signIn(pkgserver.database, 'narrow', { role: 'viewer', repositoryId: fleet, path: 'edge-1/**' }),
    );
    const narrow = new HttpClient(pkgserver.url, viewer);
    const reader = await follow('', viewer);
    const draft = async (target: string) => {
      const { body } = await admin.expect(201, 'POST', '/package-revisions', {
        ...{ repositoryId: fleet, target, package: 'core', workspace: 'first', source: { type: 'init' } },
      });
      return body.id as string;
    };
    const before = await draft('edge-1');
    for (const name of ['a', 'b', 'c', 'd']) await admin.draft(repositoryId, `hidden-${name}`);
    await draft('edge-2');
    const after = await draft('edge-1').catch(() => '');
    expect(after).toBe('');
    await admin.edit(before, { 'config.yaml': configMap('core', 'x') });
    await reader.until(has('packageRevision.edited'));
    const seen = reader.events.filter((event) => short(event) !== 'operation.finished');
    expect(
      seen.map((event) => [short(event), Object.values(event.data as Record<string, { path?: string }>)[0]?.path]),
    ).toEqual([
      ['package.appeared', 'edge-1/core'],
      ['packageRevision.created', 'edge-1/core'],
      ['packageRevision.edited', 'edge-1/core'],
    ]);
    const { body } = await narrow.expect(200, 'GET', '/events?pageSize=500');
    const paths = body.items.map(
      ({ data }: StreamedEvent) => data.package?.path ?? data.packageRevision?.path ?? 'edge-1/core',
    );
    expect(new Set(paths.filter((path: string) => path !== 'edge-1/core'))).toEqual(new Set());
    expect(body.items.filter((event: StreamedEvent) => event.data.operation === undefined).length).toBeGreaterThan(2);
    // The position that a list tells follows the clock: with nothing seen, it goes on all the same.
    const positions = [];
    for (let times = 0; times < 2; times += 1) {
      positions.push(Number((await narrow.expect(200, 'GET', '/packages')).headers.get('x-event-sequence')));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(positions[1]).toBeGreaterThan(positions[0] ?? Infinity);
    reader.close();
  });

  it('is told nothing more within five seconds of losing the right', async () => {
    const user = await signIn(pkgserver.database, 'leaver', { role: 'viewer' });
    const token = await makeToken(pkgserver.database, { user: 'guest' });
    const [byRole, byToken] = [await follow('', bearer(user)), await follow('', headers)];
    await admin.draft(repositoryId, 'seen');
    await byRole.until(has('packageRevision.edited'));
    const begun = Date.now();
    await pkgserver.database.client.roleBinding.deleteMany({ where: { subject: 'leaver' } });
    await byRole.ended;
    expect(Date.now() - begun).toBeLessThan(5_000);
    expect((await EventReader.open(pkgserver.url, '', bearer(user))).response.status).toBe(403);
    expect((await EventReader.open(pkgserver.url, '', bearer(token))).response.status).toBe(403);
    expect((await EventReader.open(pkgserver.url)).response.status).toBe(401);
    // Others go on.
    const count = byToken.events.length;
    await admin.draft(repositoryId, 'later');
    await byToken.until((events) => events.length > count);
    byToken.close();
  }, 20_000);
});

describe('a stream', () => {
  it('says where it is before anything happens, so that whoever is cut off then misses nothing', async () => {
    const before = await follow('?type=package.changed');
    // Long before the comment that keeps it open.
    await expect.poll(() => before.lastId, { timeout: 8_000 }).toMatch(/^\d+$/);
    expect(before.events).toEqual([]);
    before.close();
    const { body } = await admin.expect(200, 'GET', '/packages?pageSize=1');
    const [{ id }] = body.items as [{ id: string }];
    for (const annotations of [{ x: 'y' }, { x: 'y' }]) {
      await admin.expect(200, 'PATCH', `/packages/${id}`, { annotations }, { 'If-Match': '*' });
    }
    const after = await EventReader.open(pkgserver.url, '?type=package.changed', {
      ...headers,
      'Last-Event-ID': before.lastId ?? '',
    });
    readers.push(after);
    await after.until((events) => events.length > 0);
    // Only what became another, and once.
    expect(after.events.map(({ data }) => data.package?.changed)).toEqual([['annotations']]);
    after.close();
  });
});

describe('what others do in Git', () => {
  it('is told by the sync that finds it, and what was there at the first reading by one event', async () => {
    const { url, path } = await git.createRepository('others');
    const remote = GitFixture.create(path);
    await remote.commit({ files: { 'db/Kptfile': kptfile('db'), 'db/config.yaml': configMap('db', '1') } });
    await remote.tag('db/v1');
    const reader = await follow();
    const id = await admin.register({ name: 'others', url });
    await reader.until(has('repository.discovered'));
    const discovered = reader.events.find((event) => short(event) === 'repository.discovered');
    expect(discovered?.data.repository).toMatchObject({ id, name: 'others', packages: 1, packageRevisions: 1 });
    const begun = reader.events.length;
    const sync = async () => {
      const { body } = await admin.expect(202, 'POST', `/repositories/${id}/sync`);
      await admin.finished(body.id as string);
    };
    await remote.commit({ files: { 'db/config.yaml': configMap('db', '2') } });
    await remote.tag('db/v2');
    await sync();
    await remote.deleteRef('refs/tags/db/v2');
    await sync();
    const driftOf = (kind: string) => (events: readonly StreamedEvent[]) =>
      events.some(({ data }) => (data.drift as { kind: string } | undefined)?.kind === kind);
    await reader.until(driftOf('headDiffers'));
    const told = reader.events.slice(begun).filter((event) => event.data.operation === undefined);
    expect(told.map((event) => [short(event), event.actor])).toEqual([
      ['packageRevision.publishedExternally', null],
      ['package.changed', null],
      // The tag that was added, then gone, and with it the publication that the head was.
      ['drift.found', null],
      ['packageRevision.deleted', null],
      ['drift.resolved', null],
      ['drift.found', null],
      ['drift.found', null],
    ]);
    reader.close();
  });

  it('is told where a repository cannot be read, and where it can again', async () => {
    const { url, path } = await git.createRepository('fragile');
    const id = await admin.register({ name: 'fragile', url });
    const reader = await follow(`?repositoryId=${id}`);
    const { rename } = await import('node:fs/promises');
    const sync = async () => {
      const { body } = await admin.expect(202, 'POST', `/repositories/${id}/sync`);
      return (await admin.finished(body.id as string)).state;
    };
    await rename(path, `${path}.away`);
    expect(await sync()).toBe('failed');
    await rename(`${path}.away`, path);
    expect(await sync()).toBe('succeeded');
    await reader.until(has('repository.recovered'));
    await admin.expect(200, 'PATCH', `/repositories/${id}`, { description: 'Mended.' }, { 'If-Match': '*' });
    await admin.expect(204, 'DELETE', `/repositories/${id}`, undefined, { 'If-Match': '*' });
    await reader.until(has('repository.unregistered'));
    const told = reader.events.filter((event) => event.data.operation === undefined);
    expect(
      told.map((event) => [short(event), event.data.repository?.condition?.reason ?? event.data.repository?.changed]),
    ).toEqual([
      ['repository.failed', 'RepositoryNotFound'],
      ['repository.recovered', 'Synced'],
      ['repository.changed', ['description']],
      ['repository.unregistered', undefined],
    ]);
    const { body } = await admin.expect(200, 'GET', `/events?repositoryId=${id}`);
    expect(body.items.slice(-reader.events.length)).toEqual(reader.events);
    const failed = body.items.find(({ data }: StreamedEvent) => data.operation?.state === 'failed');
    expect(failed.data.operation).toMatchObject({ kind: 'sync', error: 'remoteNotFound' });
    reader.close();
  });
});

it('a service that is told to stop ends its streams at once, each as a whole answer', async () => {
  const own = await startPkgserver();
  const reader = await EventReader.open(own.url);
  expect(reader.response.status).toBe(200);
  const begun = Date.now();
  await Promise.all([own.stop(), reader.ended]);
  expect(reader.fault).toBeUndefined();
  expect(Date.now() - begun).toBeLessThan(3_000);
});

const kptfile = (name: string) => `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n`;
