import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Repository } from '../../src/database/generated/client.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { eventsOn } from '../support/events.js';
import { addFleetPackage } from '../support/fleet-rows.js';
import { type Body, HttpClient } from '../support/http-client.js';
import { addRepository, commitOf } from '../support/index-rows.js';
import { type GivenRole, signIn } from '../support/sign-in.js';

let api: TestApi;
let admin: HttpClient;
let checker: HttpClient;
let fleet: Repository;
let count = 0;

const as = async (...roles: GivenRole[]): Promise<HttpClient> => {
  const token = await signIn(api.database, `u-${uuidv7()}`, ...roles);
  return new HttpClient(api.url, { Authorization: `Bearer ${token}` });
};
const REPORT = {
  tool: 'flux',
  revision: 'v1',
  state: 'delivered',
  health: 'healthy',
  observedAt: '2026-11-20T10:00:00.000Z',
};
const report = (id: string, given: object = {}, who = checker) =>
  who.call('PUT', `/packages/${id}/delivery`, { ...REPORT, ...given });
const packageOf = async (id: string): Promise<Body> => (await admin.expect(200, 'GET', `/packages/${id}`)).body;

/** Two versions, each with a commit. */
async function aPackage() {
  count += 1;
  const place = { repository: fleet, path: `edge-1/app-${count}`, target: 'edge-1', versions: 2 };
  const added = await addFleetPackage(api.database, place);
  for (const [at, id] of added.versions.entries())
    await api.database.client.packageRevision.update({
      where: { id },
      data: { commit: commitOf(`${added.id}/c${at + 1}`) },
    });
  return { ...added, path: place.path, commits: [1, 2].map((version) => commitOf(`${added.id}/c${version}`)) };
}

async function told(packageId: string): Promise<Body[]> {
  await eventsOn(api.database).numbering.numberAll();
  const { items } = (await admin.expect(200, 'GET', '/events?type=package.delivered&pageSize=500')).body;
  return (items as Body[]).filter(({ subject }) => subject === `packages/${packageId}`);
}

beforeAll(async () => {
  api = await startTestApi({ AUTH: 'required' });
  admin = await as({ role: 'admin' });
  fleet = await addRepository(api.database, { name: 'fleet', deployment: true });
  checker = await as({ role: 'checker', repositoryId: fleet.id });
});
afterAll(() => api?.close());

describe('a report of a delivery', () => {
  it('is on the package, beside its latest revision, until a newer one comes', async () => {
    const { id, versions, commits } = await aPackage();
    expect((await checker.call('GET', `/packages/${id}/delivery`)).body.code).toBe('notFound');
    expect(await packageOf(id)).toMatchObject({ delivery: null, deliveredRevision: null });
    const first = (await report(id)).body;
    expect(first).toMatchObject({ ...REPORT, packageId: id, revisionId: versions[0], commit: commits[0], message: '' });
    expect((await checker.expect(200, 'GET', `/packages/${id}/delivery`)).body).toEqual(first);
    const known = { 'If-None-Match': `"${first.etag}"` };
    await checker.expect(304, 'GET', `/packages/${id}/delivery`, undefined, known);
    const { tool, state, health } = REPORT;
    expect(await packageOf(id)).toMatchObject({
      ...{ delivery: { tool, state, health }, latestRevision: { id: versions[1], revision: 'v2' } },
      deliveredRevision: { id: versions[0], revision: 'v1' },
    });
    const later = {
      observedAt: '2026-11-20T12:00:00+01:00',
      revision: undefined,
      commit: commits[1],
      health: 'degraded',
      message: 'x',
    };
    const second = (await report(id, later)).body;
    expect(second).toMatchObject({ revision: 'v2', health: 'degraded', observedAt: '2026-11-20T11:00:00.000Z' });
    // The same again, and one that was observed before, change nothing.
    expect((await report(id, later)).body).toEqual(second);
    expect((await report(id)).body).toEqual(second);
    expect((await told(id)).map(({ data }) => (data as { package: Body }).package.delivery)).toEqual([
      { tool, state, health, revision: 'v1' },
      { tool, state, health: 'degraded', revision: 'v2' },
    ]);
    // Seen again later, it is the same but for its time: nobody is told, and who has read the package has read this.
    const { etag } = await packageOf(id);
    const again = (await report(id, { ...later, observedAt: '2026-11-20T12:00:00Z' })).body;
    expect(again).toMatchObject({ observedAt: '2026-11-20T12:00:00.000Z' });
    expect(again.etag).not.toBe(second.etag);
    expect(await told(id)).toHaveLength(2);
    expect((await packageOf(id)).etag).toBe(etag);
    // What is there was published; it is told of as long as that is known.
    await api.database.client.packageRevision.delete({ where: { id: versions[1] as string } });
    const left = (await checker.expect(200, 'GET', `/packages/${id}/delivery`)).body;
    expect(left).toMatchObject({ revision: 'v2', revisionId: null });
    expect(await packageOf(id)).toMatchObject({ delivery: { health: 'degraded' }, deliveredRevision: null });
    await api.database.client.package.delete({ where: { id } });
    expect(await api.database.client.packageDelivery.count({ where: { packageId: id } })).toBe(0);
  });

  describe('of a commit of the branch', () => {
    const by = { author: 'A <a@x>', committer: 'A <a@x>', subject: 'x' };
    /** Four commits, of which the second is not on the branch any more; the third changed the package, and so had the second. */
    async function aLine({ id, path }: { id: string; path: string }, { changed }: { changed: boolean }) {
      const { client } = api.database;
      const repositoryId = fleet.id;
      const versions = await client.packageRevision.findMany({
        where: { packageId: id },
        orderBy: { workspace: 'asc' },
      });
      const [one, two] = versions.map(({ tree }) => tree);
      const line = [1, 2, 3, 4].map((position) => ({
        ...{ repositoryId, position, oid: commitOf(`${id}/line-${position}`), ...by },
        lostAt: position === 2 ? new Date() : null,
      }));
      const tip = { tip: fleet.commit as string, tipPosition: 9, nextPosition: -1 };
      await client.refHistory.upsert({ where: { repositoryId }, update: {}, create: { repositoryId, ...tip } });
      await client.refCommit.createMany({ data: line });
      const change = (at: number, treeBefore: string | null, treeAfter: string | null) => ({
        ...{ repositoryId, oid: line[at - 1]?.oid as string, path, position: at, committedAt: new Date() },
        ...{ treeBefore, treeAfter },
      });
      const changes = [change(2, one as string, null), change(3, one as string, two as string)];
      if (changed) await client.packageCommit.createMany({ data: changes });
      return line.map(({ oid }) => oid);
    }
    const ofCommit = (id: string, commit: string | null) =>
      report(id, { revision: undefined, commit, observedAt: new Date().toISOString() });

    it('is about what that held of the package', async () => {
      const added = await aPackage();
      const [first, lost, third, last] = (await aLine(added, { changed: true })) as [string, string, string, string];
      const [one, two] = added.versions;
      for (const [commit, revisionId] of [
        [first, one],
        [third, two],
        [last, two],
        [fleet.commit, two],
      ] as const)
        expect((await ofCommit(added.id, commit)).body).toMatchObject({ revisionId, commit });
      expect((await ofCommit(added.id, lost)).body.errors).toMatchObject([{ pointer: '/commit', code: 'notFound' }]);
    });

    it('is about the head where no commit has changed the package', async () => {
      const added = await aPackage();
      const [first] = await aLine(added, { changed: false });
      expect((await ofCommit(added.id, first as string)).body).toMatchObject({ revision: 'v2' });
    });

    it('that held nothing of the package is refused', async () => {
      const added = await aPackage();
      const line = await aLine(added, { changed: false });
      await api.database.client.packageCommit.create({
        data: {
          ...{ repositoryId: fleet.id, oid: line[2] as string, path: added.path, position: 3, committedAt: new Date() },
          treeAfter: commitOf('any'),
        },
      });
      expect((await ofCommit(added.id, line[0] as string)).body).toMatchObject({ status: 422, code: 'invalidBody' });
      expect((await ofCommit(added.id, line[3] as string)).body).toMatchObject({ revision: null, revisionId: null });
    });
  });

  it.each([
    [{ revision: 'v9' }, '/revision'],
    [{ revision: undefined, commit: 'a'.repeat(40) }, '/commit'],
    [{ revision: undefined, commit: 'main' }, '/commit'],
    [{ commit: 'a'.repeat(40) }, '/commit'],
    [{ revision: undefined }, '/commit'],
    [{ observedAt: '2999-01-01T00:00:00Z' }, '/observedAt'],
    [{ observedAt: 'yesterday' }, '/observedAt'],
    [{ state: 'gone' }, '/state'],
    [{ health: 'ill' }, '/health'],
    [{ tool: '' }, '/tool'],
  ])('is refused with %j', async (given, pointer) => {
    const { id } = await aPackage();
    const answer = await report(id, given);
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalidBody', errors: [{ pointer }] } });
    expect(await told(id)).toEqual([]);
  });

  it('of a commit that another package has published is of none of this', async () => {
    const [one, other] = [await aPackage(), await aPackage()];
    const answer = await report(one.id, { revision: undefined, commit: other.commits[0] });
    expect(answer.body).toMatchObject({ code: 'invalidBody', errors: [{ pointer: '/commit', code: 'notFound' }] });
  });

  it('is taken of those who may report it', async () => {
    const { id } = await aPackage();
    const author = await as({ role: 'author', repositoryId: fleet.id });
    expect((await report(id, {}, author)).body).toMatchObject({ code: 'forbidden', permission: 'deliveries.report' });
    const elsewhere = await as({ role: 'checker', repositoryId: fleet.id, path: 'edge-2/**' });
    expect((await report(id, {}, elsewhere)).body.code).toBe('notFound');
    expect((await report(id, {}, await as({ role: 'repositoryAdmin', repositoryId: fleet.id }))).status).toBe(200);
    expect((await report(uuidv7())).status).toBe(404);
  });

  it('that comes many times at once is one, the newest', async () => {
    const { id } = await aPackage();
    const times = Array.from({ length: 10 }, (_, at) => `2026-11-20T10:00:0${at}.000Z`);
    await Promise.all(times.toReversed().map((observedAt) => report(id, { observedAt })));
    expect((await checker.expect(200, 'GET', `/packages/${id}/delivery`)).body.observedAt).toBe(times.at(-1));
  });
});

describe('what was reported', () => {
  it('filters packages, and is counted in the fleet and shown at the target', async () => {
    const [well, ill, failed] = [await aPackage(), await aPackage(), await aPackage()];
    await report(well.id);
    await report(ill.id, { health: 'degraded', message: 'CrashLoop' });
    await report(failed.id, { state: 'failed', health: 'unknown' });
    const own = [well.id, ill.id, failed.id];
    const listed = async (query: string) => {
      const { items } = (await admin.expect(200, 'GET', `/packages?pageSize=500&${query}`)).body;
      return (items as Body[]).map(({ id }) => id).filter((id) => own.includes(id));
    };
    expect(await listed('health=degraded')).toEqual([ill.id]);
    expect(await listed('health=degraded,unknown')).toEqual([ill.id, failed.id]);
    expect(await listed('deliveryState=failed')).toEqual([failed.id]);
    expect(await listed('deliveryState=delivered&health=healthy')).toEqual([well.id]);
    expect((await admin.call('GET', '/packages?health=ill')).body.code).toBe('invalidQuery');
    const unhealthy = await api.database.client.packageDelivery.count({
      where: { OR: [{ state: 'failed' }, { health: 'degraded' }] },
    });
    const [group] = (await admin.expect(200, 'GET', '/fleet')).body.items as Body[];
    expect(group).toMatchObject({ key: 'edge-1', unhealthy });
    const table = await admin.expect(200, 'GET', '/fleet', undefined, { Accept: 'text/csv' });
    expect(table.text).toMatch(new RegExp(`^edge-1,\\d+,\\d+,0,0,${unhealthy},0,`, 'm'));
    const target = await api.database.client.target.create({
      data: { id: uuidv7(), name: 'edge-1', createdAt: new Date(), updatedAt: new Date() },
    });
    const { items } = (await admin.expect(200, 'GET', `/targets/${target.id}/packages?pageSize=500`)).body;
    const shown = (items as Body[]).find(({ packageId }) => packageId === ill.id);
    expect(shown?.delivery).toEqual({
      ...{ tool: 'flux', state: 'delivered', health: 'degraded', revision: 'v1', message: 'CrashLoop' },
      observedAt: REPORT.observedAt,
    });
  });
});
