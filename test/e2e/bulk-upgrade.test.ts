import { beforeAll, describe, expect, it } from 'vitest';
import { ask, BulkWorld, type Item, outcomes } from '../support/bulk.js';
import { deployWeb, publishWeb } from '../support/deployments.js';
import type { GitFixture } from '../support/git-fixture.js';

const world = BulkWorld.create();
// The whole size: BULK_UPGRADES=1000.
const COUNT = Number(process.env.BULK_UPGRADES ?? 60);
const names = Array.from({ length: COUNT }, (_, index) => `d${String(index).padStart(4, '0')}`);

let catalog: { id: string; name: string; fixture: GitFixture };
let fleet: { id: string; name: string; fixture: GitFixture };
let other: { id: string; name: string; fixture: GitFixture };
let newest: string;

async function synced(repositoryId: string): Promise<void> {
  const { body } = await world.root.expect(202, 'POST', `/repositories/${repositoryId}/sync`);
  await world.root.finished(body.id as string);
}

beforeAll(async () => {
  [catalog, fleet, other] = [await world.repository(), await world.repository(), await world.repository()];
  const { body: registered } = await world.root.expect(200, 'GET', `/repositories/${catalog.id}`);
  const first = await publishWeb(world.root, catalog.id, 1);
  const [left, right] = [names.slice(0, COUNT / 2), names.slice(COUNT / 2)];
  const upstream = { repo: registered.git.url as string, commit: first.commit, conflicting: names[0] };
  await deployWeb(fleet.fixture, left, upstream);
  await deployWeb(other.fixture, right, upstream);
  await synced(fleet.id);
  await synced(other.id);
  const { body: blueprint } = await world.root.expect(200, 'GET', `/package-revisions/${first.id}`);
  behind = { upstreamState: ['behind'], latest: true, upstreamPackageId: blueprint.packageId as string };
  newest = (await publishWeb(world.root, catalog.id, 2, first.id)).id;
}, 240_000);

/** Those of the blueprint, as `upstreamPackageId` finds them. */
let behind: object;
const upgraded = (workspace: string): Promise<number> =>
  world.database.client.packageRevision.count({ where: { workspace } });
const request = (workspace: string, more: object = {}) => ({
  action: 'upgrade',
  filter: behind,
  parameters: { workspace },
  ...more,
});

describe('a fleet that is behind', () => {
  it('is upgraded in a dry run, which leaves it as it is', async () => {
    const { body } = await ask(world.root.call, request('rehearsed'), {}, '?dryRun=true');
    const codes = outcomes(body.items);
    expect(codes).toHaveLength(COUNT);
    expect(codes.filter((code) => code !== 'succeeded')).toEqual(['unresolvedConflicts']);
    expect(body.items.every(({ draftId }: Item) => draftId === undefined)).toBe(true);
    expect(await upgraded('rehearsed')).toBe(0);
  });

  it('has a draft of each, but for the one with a conflict; a repeated request makes no others', async () => {
    const key = { 'Idempotency-Key': 'upgrade-to-v2' };
    const items = await world.bulk(world.root, request('upgrade-v2'), key);
    const failed = items.filter(({ status }) => status === 'failed');
    expect(failed).toMatchObject([{ error: { code: 'unresolvedConflicts', status: 409, conflictCount: 1 } }]);
    expect(await upgraded('upgrade-v2')).toBe(COUNT - 1);
    const made = items.filter(({ status }) => status === 'succeeded');
    expect(new Set(made.map(({ draftId }) => draftId)).size).toBe(COUNT - 1);
    const again = await world.bulk(world.root, request('upgrade-v2'), key);
    expect(again).toEqual(items);
    expect(await upgraded('upgrade-v2')).toBe(COUNT - 1);

    const { id, draftId = '', etag } = made[0] as Item;
    const draft = await world.root.revision(draftId);
    expect(draft).toMatchObject({
      ...{ lifecycle: 'draft', workspace: 'upgrade-v2' },
      source: { type: 'upgrade', from: 'web/v1', to: 'web/v2', strategy: 'resource-merge', resolutions: {} },
      upstream: { revisionId: newest },
    });
    expect((await world.root.revision(id)).packageId).toBe(draft.packageId);
    const { body } = await world.root.expect(200, 'GET', `/package-revisions/${draftId}/resources`);
    expect(body.files['web.yaml'].content).toMatch(/replicas: \d # by hand\n[^]*image: web:2\n/);
    const where = { action: 'createPackageRevision', resourceId: draftId };
    expect(await world.database.client.auditEntry.findMany({ where })).toMatchObject([{ before: null, after: etag }]);
  });

  it('is judged ten at a time, and what is refused among ten harms no other of them', async () => {
    const [, , , taken = ''] = names;
    const { body: found } = await world.root.expect(200, 'GET', `/package-revisions?latest=true&package=${taken}`);
    await world.root.copy(fleet.id, (found.items as { id: string }[])[0]?.id ?? '', 'ten');
    const operations = () =>
      world.database.client.operation.findMany({ where: { kind: 'bulk' }, select: { id: true } });
    const before = new Set((await operations()).map(({ id }) => id));
    const items = await world.bulk(world.root, request('ten'));
    expect(
      outcomes(items)
        .filter((code) => code !== 'succeeded')
        .toSorted(),
    ).toEqual(['alreadyExists', 'unresolvedConflicts']);
    expect(await upgraded('ten')).toBe(COUNT - 1);
    const id = (await operations()).find((each) => !before.has(each.id))?.id ?? '';
    const judged = await world.database.client.$queryRaw<{ count: number; failed: number }[]>`
      SELECT count(*)::int AS count, count(*) FILTER (WHERE state = 'failed')::int AS failed
      FROM operation_item WHERE operation_id = ${id}::uuid GROUP BY xmin::text`;
    expect(judged.map(({ count }) => count)).toEqual(Array.from({ length: COUNT / 10 }, () => 10));
    expect(judged.some(({ count, failed }) => failed > 0 && failed < count)).toBe(true);
  });

  it('takes what is said of one item alone, and says what others lack', async () => {
    const { body } = await ask(world.root.call, request('rehearsed'), {}, '?dryRun=true');
    const conflicting = body.items.find(({ error }: Item) => error?.code === 'unresolvedConflicts') as Item;
    const [conflict] = (conflicting.error?.conflicts ?? []) as { id: string }[];
    const resolutions = { [conflict?.id ?? '']: { take: 'value', value: 'web:2-own' } };
    const [item] = await world.bulk(world.root, {
      action: 'upgrade',
      items: [
        { id: conflicting.id, etag: conflicting.etag ?? '*', parameters: { workspace: 'upgrade-v2', resolutions } },
      ],
      parameters: { workspace: 'not-this', to: { revisionId: newest } },
    });
    expect(item).toMatchObject({ status: 'succeeded' });
    const path = `/package-revisions/${item?.draftId}`;
    const { body: resources } = await world.root.expect(200, 'GET', `${path}/resources`);
    expect(resources.files['web.yaml'].content).toContain('image: web:2-own');
    expect(await world.root.revision(item?.draftId ?? '')).toMatchObject({
      source: { resolutions: { [conflict?.id ?? '']: 'value' } },
    });
    const id = conflicting.id;
    const stale = { id, etag: '"another"', parameters: { workspace: 'stale' } };
    const [refused] = await world.bulk(world.root, { action: 'upgrade', items: [stale] });
    expect(refused?.error).toMatchObject({ code: 'preconditionFailed', status: 412 });
    const bare = await ask(world.root.call, { action: 'upgrade', items: [{ id }] });
    expect(bare).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/items/0/parameters/workspace' }] },
    });
    const filtered = await ask(world.root.call, { action: 'upgrade', filter: behind });
    expect(filtered).toMatchObject({ status: 422, body: { errors: [{ pointer: '/parameters/workspace' }] } });
    const foreign = await ask(world.root.call, request('x', { parameters: { workspace: 'x', comment: 'No.' } }));
    expect(foreign).toMatchObject({ status: 422, body: { errors: [{ pointer: '/parameters/comment' }] } });
  });

  it('is upgraded as far as the caller may create drafts and see what is newer', async () => {
    const half = await world.person('half', { role: 'author', repositoryId: fleet.id }, { role: 'viewer' });
    const items = await world.bulk(
      half,
      request('half', { parameters: { workspace: 'half', defaultResolution: { all: 'ours' } } }),
    );
    const codes = outcomes(items);
    expect(codes.filter((code) => code === 'succeeded')).toHaveLength(COUNT / 2);
    expect(codes.filter((code) => code === 'forbidden')).toHaveLength(COUNT / 2);
    const blind = await world.person('blind', { role: 'author', repositoryId: fleet.id });
    const [one] = items;
    const answers = await world.bulk(blind, {
      action: 'upgrade',
      items: [{ id: one?.id }],
      parameters: { workspace: 'blind', to: { revisionId: newest } },
    });
    expect(answers[0]?.status).toBe('failed');
    expect(await upgraded('blind')).toBe(0);
  });

  it('is proposed and approved by two more requests, and every package is published once', async () => {
    const filter = { workspace: 'upgrade-v2', lifecycle: ['draft'] };
    const proposed = await world.bulk(world.root, { action: 'propose', filter });
    expect(outcomes(proposed)).toEqual(Array.from({ length: COUNT }, () => 'succeeded'));
    const approver = await world.person('approver', { role: 'approver', repositoryId: fleet.id }, { role: 'viewer' });
    const items = proposed.map(({ id, etag }) => ({ id, etag }));
    const mine = outcomes(await world.bulk(approver, { action: 'approve', items }));
    expect(mine.filter((code) => code === 'succeeded')).toHaveLength(COUNT / 2);
    expect(mine.filter((code) => code === 'forbidden')).toHaveLength(COUNT / 2);
    const rest = { workspace: 'upgrade-v2', lifecycle: ['proposed'] };
    const { body } = await ask(world.root.call, { action: 'approve', filter: rest }, {}, '?dryRun=true');
    const left = body.items.map(({ id, etag }: Item) => ({ id, etag }));
    expect(outcomes(await world.bulk(world.root, { action: 'approve', items: left }))).toEqual(
      left.map(() => 'succeeded'),
    );
    for (const { fixture, folders } of [
      { fixture: fleet.fixture, folders: names.slice(0, COUNT / 2) },
      { fixture: other.fixture, folders: names.slice(COUNT / 2) },
    ]) {
      const tags = (await fixture.tags()).toSorted();
      expect(tags).toEqual(folders.flatMap((name) => [`${name}/v1`, `${name}/v2`]));
    }
    const { body: none } = await ask(world.root.call, request('again'), {}, '?dryRun=true');
    expect(none.items).toEqual([]);
  }, 600_000);
});
