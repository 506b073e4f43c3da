import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Repository } from '../../src/database/generated/client.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { nameOfDelivered } from '../../src/krm/delivery/delivered-package.js';
import { CredentialVault } from '../../src/vault/credential-vault.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { eventsOn } from '../support/events.js';
import { addFleetPackage } from '../support/fleet-rows.js';
import { type Answer, type Body, HttpClient } from '../support/http-client.js';
import { addRepository, commitOf } from '../support/index-rows.js';
import { type GivenRole, signIn } from '../support/sign-in.js';

interface Made extends Body {
  secret: string;
}

let api: TestApi;
let root: HttpClient;
let fleet: Repository;
let vault: Repository;
let flux: Made;
let argocd: Made;
let count = 0;

const as = async (...roles: GivenRole[]): Promise<HttpClient> => {
  const token = await signIn(api.database, `u-${uuidv7()}`, ...roles);
  return new HttpClient(api.url, { Authorization: `Bearer ${token}` });
};
const made = async (type: string, ...repositoryIds: string[]) =>
  (await root.expect(201, 'POST', '/receivers', { name: type, type, repositoryIds })).body as Made;
const signatureOf = (secret: string, body: string) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
const send = (receiver: Made, body: string, headers: Record<string, string>) =>
  new HttpClient(api.url).call('POST', `/receivers/${receiver.id}/hook`, body, headers);
const fromFlux = (payload: object, receiver = flux): Promise<Answer> => {
  const body = JSON.stringify(payload);
  return send(receiver, body, { 'X-Signature': signatureOf(receiver.secret, body) });
};
const fromArgocd = (payload: object, secret = argocd.secret): Promise<Answer> =>
  send(argocd, JSON.stringify(payload), { 'X-Pkgserver-Token': secret });

/** An event as kustomize-controller writes it; `second` in a minute of the past. */
function event(second: number, { name = 'any', reason = 'ReconciliationSucceeded', commit = '', ...metadata }) {
  const isError = reason.endsWith('Failed');
  return {
    involvedObject: {
      ...{ kind: 'Kustomization', namespace: 'flux-system', name, uid: uuidv7(), resourceVersion: '7' },
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    },
    ...{ severity: isError ? 'error' : 'info', timestamp: `2026-11-20T10:00:${String(second).padStart(2, '0')}Z` },
    ...{ message: `${reason} of ${name}`, reason, reportingController: 'kustomize-controller' },
    metadata: { 'kustomize.toolkit.fluxcd.io/revision': `main@sha1:${commit}`, ...metadata },
  };
}
const ANNOTATION = 'event.toolkit.fluxcd.io/package';

async function aPackage(repository = fleet, path = `edge-1/app-${(count += 1)}`) {
  const added = await addFleetPackage(api.database, {
    repository,
    path,
    target: path.split('/')[0] ?? '',
    versions: 2,
  });
  const commits = [1, 2].map((version) => commitOf(`${added.id}/c${version}`)) as [string, string];
  for (const [at, id] of added.versions.entries())
    await api.database.client.packageRevision.update({ where: { id }, data: { commit: commits[at] as string } });
  return { ...added, path, commits };
}
const deliveryOf = (id: string) => root.call('GET', `/packages/${id}/delivery`);
const listed = async (receiver: Made, query = ''): Promise<Body[]> =>
  (await root.expect(200, 'GET', `/receivers/${receiver.id}/deliveries${query}`)).body.items as Body[];

beforeAll(async () => {
  api = await startTestApi({ AUTH: 'required' });
  root = await as({ role: 'admin' });
  fleet = await addRepository(api.database, { name: 'fleet', deployment: true, directory: 'clusters' });
  vault = await addRepository(api.database, { name: 'vault', deployment: true });
  flux = await made('flux', fleet.id);
  argocd = await made('argocd', fleet.id);
});
afterAll(() => api?.close());

describe('a receiver of Flux', () => {
  it('reports of the package that the annotation names', async () => {
    const { id, commits, versions } = await aPackage();
    const taken = await fromFlux(event(1, { commit: commits[1], [ANNOTATION]: id, reason: 'Progressing' }));
    const subject = 'Kustomization/flux-system/any';
    const report = { outcome: 'reported', reason: null, subject, packageId: id };
    expect(taken).toMatchObject({ status: 202, body: { repositoryIds: [], report } });
    expect((await deliveryOf(id)).body).toMatchObject({
      ...{ tool: 'flux', state: 'progressing', health: 'unknown', revision: 'v2', commit: commits[1] },
      ...{ observedAt: '2026-11-20T10:00:01.000Z', message: 'Progressing of any', reportedBy: `receiver:${flux.id}` },
    });
    // What is brought out is not there yet.
    const packageNow = async () => (await root.expect(200, 'GET', `/packages/${id}`)).body;
    expect(await packageNow()).toMatchObject({ delivery: { state: 'progressing' }, deliveredRevision: null });
    await fromFlux(event(2, { commit: commits[1], package: id }));
    const there = { id: versions[1], revision: 'v2' };
    expect(await packageNow()).toMatchObject({ delivery: { state: 'delivered' }, deliveredRevision: there });
    await fromFlux(event(3, { commit: commits[0], package: id, reason: 'BuildFailed' }));
    expect(await packageNow()).toMatchObject({ delivery: { state: 'failed' }, deliveredRevision: there });
    await eventsOn(api.database).numbering.numberAll();
    const { items } = (await root.expect(200, 'GET', '/events?type=package.delivered&sort=sequence')).body;
    const told = (items as Body[]).filter(({ subject: of }) => of === `packages/${id}`);
    expect(told.map(({ actor, data }) => [actor, (data as { package: { delivery: Body } }).package.delivery])).toEqual([
      [`receiver:${flux.id}`, { tool: 'flux', state: 'progressing', health: 'unknown', revision: 'v2' }],
      [`receiver:${flux.id}`, { tool: 'flux', state: 'delivered', health: 'healthy', revision: 'v2' }],
      [`receiver:${flux.id}`, { tool: 'flux', state: 'failed', health: 'unknown', revision: 'v1' }],
    ]);
    expect(await api.database.client.auditEntry.count({ where: { action: 'receiveWebhook' } })).toBe(0);
  });

  it('finds a package by the name where only one may bear it, and by what our manifests are called', async () => {
    const { id, commits, path } = await aPackage();
    const name = path.replaceAll('/', '-');
    for (const [second, each] of [name, `clusters-${name}`].entries())
      expect((await fromFlux(event(second, { name: each, commit: commits[0] }))).body.report).toMatchObject({
        packageId: id,
      });
    // As after the index was made again: the id is one of long ago.
    const ours = nameOfDelivered({ url: fleet.url, directory: `clusters/${path}` });
    const again = await fromFlux(event(3, { name: ours, commit: commits[0], package: uuidv7() }));
    expect(again.body.report).toMatchObject({ outcome: 'reported', packageId: id });
    const loose = await fromFlux(event(4, { name, commit: commits[0], package: uuidv7() }));
    expect(loose.body.report).toMatchObject({ outcome: 'ignored', packageId: null });
    await aPackage(fleet, path.replace('-', '/'));
    const several = (await fromFlux(event(5, { name, commit: commits[0] }))).body.report as Body;
    expect(several).toMatchObject({ outcome: 'ignored', packageId: null });
    expect(several.reason).toContain('several');
  });

  it('knows of no package but those of its repositories', async () => {
    const hidden = await aPackage(vault, 'edge-9/keys');
    const none = uuidv7();
    const answers = [
      await fromFlux(event(1, { commit: hidden.commits[0], package: hidden.id })),
      await fromFlux(event(1, { commit: hidden.commits[0], package: none })),
      await fromFlux(event(1, { commit: hidden.commits[0], name: 'edge-9-keys' })),
    ];
    const [known, unknown] = answers.map(({ status, body }) => JSON.stringify([status, body]));
    expect(known).toBe(unknown);
    for (const { body } of answers) expect(body.report).toMatchObject({ outcome: 'ignored', packageId: null });
    expect((await deliveryOf(hidden.id)).status).toBe(404);
  });

  it('takes what comes again, late or in another order for what it is', async () => {
    const { id, commits } = await aPackage();
    const at = (second: number, reason: string) => event(second, { commit: commits[1], package: id, reason });
    const outcomes: unknown[] = [];
    const last = at(20, 'ReconciliationSucceeded');
    for (const each of [last, last, at(10, 'HealthCheckFailed'), at(20, 'Progressing')])
      outcomes.push(((await fromFlux(each)).body.report as Body).outcome);
    expect(outcomes).toEqual(['reported', 'known', 'known', 'known']);
    expect((await deliveryOf(id)).body).toMatchObject({ state: 'delivered', health: 'healthy' });
  });

  it('counts a commit that is not known yet, and says nothing of one without the package', async () => {
    const { id } = await aPackage();
    const commit = commitOf(uuidv7());
    expect((await fromFlux(event(1, { commit, package: id }))).body.report).toMatchObject({ outcome: 'reported' });
    expect((await deliveryOf(id)).body).toMatchObject({ commit, revision: null, revisionId: null, state: 'delivered' });
    await api.database.client.package.update({ where: { id }, data: { headTree: null } });
    const report = { outcome: 'ignored', packageId: id };
    const without = await fromFlux(event(2, { commit: fleet.commit ?? '', package: id }));
    expect(without.body.report).toMatchObject(report);
    const ahead = { ...event(2, { commit, package: id }), timestamp: '2999-01-01T00:00:00Z' };
    expect((await fromFlux(ahead)).body.report).toMatchObject({ outcome: 'ignored', packageId: null });
  });

  it('is closed to what is not signed with its secret', async () => {
    const { id, commits } = await aPackage();
    const body = JSON.stringify(event(1, { commit: commits[0], package: id }));
    const forged: Record<string, string>[] = [
      {},
      { 'X-Signature': signatureOf('other', body) },
      { 'X-Signature': signatureOf(flux.secret, `${body} `) },
      { 'X-Pkgserver-Token': flux.secret },
    ];
    for (const headers of forged) expect((await send(flux, body, headers)).body.code).toBe('unauthenticated');
    expect((await send(argocd, body, { 'X-Signature': signatureOf(argocd.secret, body) })).status).toBe(401);
    expect((await deliveryOf(id)).status).toBe(404);
    expect((await send(flux, '[', { 'X-Signature': signatureOf(flux.secret, '[') })).body.code).toBe('malformedBody');
  });
});

describe('a receiver of Argo CD', () => {
  it('reports of the package that the application names', async () => {
    const { id, commits } = await aPackage();
    const payload = {
      ...{ package: id, application: 'any', namespace: 'argocd', sync: 'Synced', revision: commits[1] },
      ...{ phase: 'Succeeded', operationRevision: commits[0], message: 'synced', health: 'Degraded' },
      observedAt: '2026-11-20T10:00:00.250Z',
    };
    expect((await fromArgocd(payload)).body.report).toMatchObject({ outcome: 'reported', packageId: id });
    expect((await deliveryOf(id)).body).toMatchObject({
      ...{ tool: 'argocd', state: 'delivered', health: 'degraded', revision: 'v2', message: 'synced' },
      ...{ observedAt: '2026-11-20T10:00:00.250Z', reportedBy: `receiver:${argocd.id}` },
    });
    expect((await fromArgocd(payload, 'wrong')).status).toBe(401);
    expect((await fromArgocd({ text: 'Application x is synced' })).body.report).toMatchObject({ outcome: 'ignored' });
  });
});

describe('what a receiver of a delivery tool was sent', () => {
  it('is listed with what came of it, the latest first, in pages', async () => {
    const own = await made('flux', fleet.id, vault.id);
    const [seen, other] = [await aPackage(), await aPackage(vault)];
    await fromFlux(event(1, { commit: seen.commits[0], package: seen.id }), own);
    await fromFlux(event(2, { commit: seen.commits[0], name: 'nobody' }), own);
    await fromFlux(event(3, { commit: other.commits[0], package: other.id }), own);
    const all = await listed(own);
    expect(all.map(({ outcome, packageId }) => [outcome, packageId])).toEqual([
      ['reported', other.id],
      ['ignored', null],
      ['reported', seen.id],
    ]);
    expect(all[1]).toMatchObject({ subject: 'Kustomization/flux-system/nobody', reason: expect.any(String) as string });
    expect(await listed(own, '?outcome=ignored')).toEqual([all[1]]);
    expect(await listed(own, '?sort=receivedAt')).toEqual(all.toReversed());
    const first = (await root.expect(200, 'GET', `/receivers/${own.id}/deliveries?pageSize=2`)).body;
    expect(await listed(own, `?pageSize=2&cursor=${first.nextCursor}`)).toEqual([all[2]]);
    // Whoever manages what is left of it sees nothing of the repository that it had.
    await root.expect(200, 'PATCH', `/receivers/${own.id}`, { repositoryIds: [fleet.id] }, { 'If-Match': '*' });
    const owner = await as({ role: 'repositoryAdmin', repositoryId: fleet.id });
    const { items } = (await owner.expect(200, 'GET', `/receivers/${own.id}/deliveries`)).body;
    expect(items).toEqual([all[1], all[2]]);
    expect((await owner.call('GET', `/receivers/${uuidv7()}/deliveries`)).status).toBe(404);
    const generic = await made('generic', fleet.id);
    await send(generic, '{}', { 'X-Signature': signatureOf(generic.secret, '{}'), 'Idempotency-Key': uuidv7() });
    expect(await listed(generic)).toEqual([]);
  });
});

describe('events that Flux itself has written', () => {
  const cases = process.env.CASES_DIR ?? resolve(import.meta.dirname, '../../../shared/cases');
  const file = join(cases, 'flux-events.json');
  it.runIf(existsSync(file))('are taken, each by itself', async () => {
    const events = JSON.parse(readFileSync(file, 'utf8')) as {
      body: string;
      headers: Record<string, string>;
    }[];
    const { id, versions } = await aPackage(fleet, 'edge01/web');
    const commit = '6f1ed002ab5595859014ebf0951522d9d4f3a1ee';
    await api.database.client.packageRevision.update({ where: { id: versions[1] as string }, data: { commit } });
    const receiver = await made('flux', fleet.id);
    const sealed = api.app.get(CredentialVault, { strict: false }).seal(receiver.id, { token: 's3cret' });
    await api.database.client.receiver.update({ where: { id: receiver.id }, data: { sealed } });
    const found: unknown[] = [];
    for (const { body, headers } of events) {
      const answer = await send(receiver, body, headers);
      expect((await send(receiver, `${body} `, headers)).status).toBe(401);
      const { state, health, revision } = (await deliveryOf(id)).body;
      found.push([answer.status, (answer.body.report as Body).outcome, state, health, revision]);
      await api.database.client.packageDelivery.deleteMany({ where: { packageId: id } });
    }
    const nothing = [undefined, undefined, undefined];
    expect(found).toEqual([
      [202, 'reported', 'delivered', 'healthy', 'v2'],
      [202, 'reported', 'failed', 'degraded', 'v2'],
      [202, 'reported', 'progressing', 'unknown', 'v2'],
      [202, 'ignored', ...nothing],
      [202, 'ignored', ...nothing],
      [202, 'reported', 'delivered', 'healthy', 'v2'],
    ]);
  });
});
