import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContentService } from '../../src/content/content.service.js';
import { ContentStore } from '../../src/content/content.store.js';
import { type Drift, type PackageRevision, Prisma, type UpgradePreview } from '../../src/database/generated/client.js';
import { firstUuidAt, uuidv7 } from '../../src/domain/uuid.js';
import { InstanceRunner } from '../../src/jobs/instance/instance-runner.js';
import { Outbox } from '../../src/jobs/outbox.js';
import { INSTANCE_SCOPE } from '../../src/jobs/work-scope.js';
import { Metrics } from '../../src/logging/metrics.js';
import { RetentionStore } from '../../src/retention/retention.store.js';
import type { TestEngine } from '../support/engine.js';
import { addUpgradePreview } from '../support/index-rows.js';
import { PublishingWorld } from '../support/publishing.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY_MS);
/** An id as one made then has. */
const idFrom = (time: Date): string => firstUuidAt(time).slice(0, 24) + randomUUID().slice(24);
const pod = (name: string): Uint8Array =>
  Buffer.from(`apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n# ${randomUUID()}\n`);

let world: PublishingWorld;
beforeAll(async () => {
  world = await PublishingWorld.start();
});
afterAll(() => world?.stop());

/** Asks for a retention and has a worker carry it out; gives how many rows it removed. */
async function retain(): Promise<Record<string, number>> {
  const { id } = await ask();
  await world.get(InstanceRunner).run();
  const operation = await world.operation(id);
  expect(operation).toMatchObject({ state: 'succeeded', repositoryId: null });
  return (operation.result as { removed: Record<string, number> }).removed;
}

function ask() {
  const target = { type: 'Instance', id: INSTANCE_SCOPE, name: 'pkgserver' } as const;
  const request = { kind: 'retention', repositoryId: null, target, payload: {}, requestedBy: 'ada' } as const;
  return world.database.transaction(() => world.get(Outbox).start(request));
}

/** Makes all marks as old as if the retention had set them a day and more ago. */
async function agesPass(): Promise<void> {
  const old = { where: { unusedSince: { not: null } }, data: { unusedSince: daysAgo(2) } };
  await world.database.client.packageTree.updateMany(old);
  await world.database.client.blob.updateMany(old);
}

/** A package that is stored, and to which nothing refers: its tree, and the blob of its one file. */
async function unused(): Promise<{ tree: string; blob: string }> {
  const content = pod('lonely');
  const { oid: tree } = await world.get(ContentService).savePackage([{ path: 'pod.yaml', mode: '100644', content }]);
  const [file] = await world.get(ContentStore).filesOf(tree);
  return { tree, blob: file?.oid ?? '' };
}

async function isThere({ tree, blob }: { tree: string; blob: string }): Promise<boolean[]> {
  const { client } = world.database;
  return [
    (await client.packageTree.count({ where: { oid: tree } })) === 1,
    (await client.packageFile.count({ where: { treeOid: tree } })) === 1,
    (await client.blob.count({ where: { oid: blob } })) === 1,
    (await client.krmObject.count({ where: { blobOid: blob } })) === 1,
  ];
}

const ALL = [true, true, true, true];
const NONE = [false, false, false, false];

describe('what the retention removes', () => {
  it('are operations that have ended, after their days', async () => {
    const { id: repositoryId, name } = world.repository;
    const rows = [
      { state: 'succeeded', days: 31, stays: false },
      { state: 'failed', days: 31, stays: false },
      { state: 'cancelled', days: 31, stays: false },
      { state: 'succeeded', days: 29, stays: true },
      { state: 'queued', days: 31, stays: true },
      { state: 'running', days: 31, stays: true },
    ] as const;
    const ids = rows.map(({ days }) => idFrom(daysAgo(days)));
    await world.database.client.operation.createMany({
      data: rows.map(({ state, days }, index) => ({
        id: ids[index] ?? '',
        kind: 'sync',
        state,
        // Another repository's, so that no visit takes those that are open.
        repositoryId: randomUUID(),
        target: { type: 'Repository', id: repositoryId, name },
        requestedBy: 'ada',
        createdAt: daysAgo(days),
        finishedAt: ['queued', 'running'].includes(state) ? null : daysAgo(days),
      })),
    });
    const before = await metric('operations');
    expect(await retain()).toMatchObject({ operations: 3 });
    const left = await world.database.client.operation.findMany({ where: { id: { in: ids } } });
    const stay = rows.flatMap(({ stays }, index) => (stays ? (ids[index] ?? '') : []));
    expect(left.map(({ id }) => id).sort()).toEqual(stay.sort());
    expect(await metric('operations')).toBe(before + 3);
  });

  it('are API tokens that ended long ago, by either of their ends', async () => {
    const day = 24 * 60 * 60 * 1000;
    const rows = [
      { expires: 91, revoked: null, stays: false },
      { expires: 89, revoked: null, stays: true },
      { expires: -30, revoked: 91, stays: false },
      { expires: -30, revoked: 89, stays: true },
      { expires: -30, revoked: null, stays: true },
    ].map((row) => ({ id: uuidv7(), ...row }));
    await world.database.client.apiToken.createMany({
      data: rows.map(({ id, expires, revoked }) => ({
        ...{
          id,
          description: '',
          secretHash: new Uint8Array(32),
          user: 'ada',
          createdAt: daysAgo(200),
          createdBy: 'ada',
        },
        expiresAt: new Date(Date.now() - expires * day),
        revokedAt: revoked === null ? null : daysAgo(revoked),
      })),
    });
    expect(await retain()).toMatchObject({ apiTokens: 2 });
    const left = await world.database.client.apiToken.findMany({ where: { id: { in: rows.map(({ id }) => id) } } });
    const stay = rows.filter(({ stays }) => stays).map(({ id }) => id);
    expect(left.map(({ id }) => id).sort()).toEqual(stay.sort());
  });

  it('is up to where somebody has seen the database, a day after they were told', async () => {
    await world.database.client.$executeRaw`
      INSERT INTO seen_position (caller, position, noted_at)
      VALUES ('ada', '0/1', ${daysAgo(1.1)}), ('bob', '0/1', ${daysAgo(0.9)})`;
    expect(await retain()).toMatchObject({ seenPositions: 1 });
    const left = await world.database.client.$queryRaw<{ caller: string }[]>`SELECT caller FROM seen_position`;
    expect(left).toEqual([{ caller: 'bob' }]);
  });

  it('are events, after their days, and where they ended is noted', async () => {
    const at = (days: number): bigint => BigInt(daysAgo(days).getTime()) * 1000n;
    const ages = [9, 8, 6];
    await world.database.client.event.createMany({
      data: ages.map((days) => ({
        ...{
          sequence: at(days),
          id: uuidv7(),
          type: 'repository.changed',
          time: daysAgo(days),
          subject: 'x',
          data: {},
        },
      })),
    });
    const kept = await world.database.client.event.findMany({ where: { time: { gte: daysAgo(7) } } });
    expect(await retain()).toMatchObject({ events: 2 });
    const numbers = await world.database.client.eventNumbers.findFirstOrThrow();
    expect(Number(numbers.pruned) / 1000).toBeCloseTo(daysAgo(8).getTime(), -5);
    const left = await world.database.client.event.findMany({ where: { time: { lt: daysAgo(5) } } });
    expect(left).toHaveLength(1);
    expect(kept.length).toBeGreaterThan(0);
  });

  it('are operations asked for long ago that ended a while ago, not those that ended lately', async () => {
    const [old, late] = [idFrom(daysAgo(60)), idFrom(daysAgo(60))];
    await world.database.client.operation.createMany({
      data: [old, late].map((id) => ({
        id,
        kind: 'sync' as const,
        state: 'succeeded' as const,
        repositoryId: randomUUID(),
        target: {},
        requestedBy: 'ada',
        createdAt: daysAgo(60),
        finishedAt: daysAgo(id === old ? 59 : 1),
      })),
    });
    await retain();
    expect(await world.database.client.operation.count({ where: { id: old } })).toBe(0);
    expect(await world.database.client.operation.count({ where: { id: late } })).toBe(1);
  });

  it('are idempotency keys after a day, however many', async () => {
    const keys = Array.from({ length: 2_500 }, (_, index) => ({ key: `old-${index}`, createdAt: daysAgo(1.1) }));
    keys.push({ key: 'new', createdAt: daysAgo(0.9) });
    await world.database.client.idempotencyKey.createMany({
      data: keys.map((row) => ({ ...row, actor: 'ada', requestHash: '' })),
    });
    expect(await retain()).toMatchObject({ idempotencyKeys: 2_500 });
    expect(await world.database.client.idempotencyKey.findMany({ select: { key: true } })).toEqual([{ key: 'new' }]);
  });

  it('are the ids of webhooks after three days', async () => {
    const made = { createdAt: new Date(), createdBy: 'test', updatedAt: new Date(), updatedBy: 'test' };
    const receiver = { id: uuidv7(), name: 'x', type: 'generic', sealed: new Uint8Array(8), ...made } as const;
    const deliveries = [daysAgo(3.1), daysAgo(2.9)].map((receivedAt, index) => ({ digest: `d${index}`, receivedAt }));
    await world.database.client.receiver.create({ data: { ...receiver, deliveries: { create: deliveries } } });
    expect(await retain()).toMatchObject({ deliveries: 1 });
    expect(await world.database.client.receivedDelivery.findMany({ select: { digest: true } })).toEqual([
      { digest: 'd1' },
    ]);
  });

  it('are deliveries to webhooks that have ended, and no events that webhooks were not told of', async () => {
    const { client } = world.database;
    const id = uuidv7();
    const made = { createdAt: new Date(), createdBy: 'test', updatedAt: new Date() };
    const webhook = { id, name: 'x', url: 'https://chat.example.com/', description: '', enabled: true };
    await client.webhook.create({ data: { ...webhook, owner: 'test', since: 0, ...made } });
    const deliveries = (['succeeded', 'failed', 'waiting', 'succeeded'] as const).map((state, index) => ({
      ...{ id: uuidv7(), webhookId: id, eventId: uuidv7(), type: 'repository.changed', subject: 'x', body: '{}' },
      ...{ sequence: index, state, attempts: 1, createdAt: daysAgo(index === 3 ? 6 : 8) },
    }));
    await client.webhookDelivery.createMany({ data: deliveries });
    const eventOf = (time: Date) => ({
      ...{ sequence: BigInt(time.getTime()) * 1000n, id: uuidv7(), type: 'repository.changed', time },
      ...{ subject: 'x', data: {} },
    });
    await client.event.createMany({ data: [eventOf(daysAgo(9)), eventOf(daysAgo(8))] });
    await client.webhookCursor.updateMany({ data: { position: BigInt(daysAgo(8.5).getTime()) * 1000n } });
    expect(await retain()).toMatchObject({ webhookDeliveries: 2, events: 1 });
    await client.webhook.update({ where: { id }, data: { enabled: false } });
    expect(await retain()).toMatchObject({ webhookDeliveries: 1, events: 1 });
    await client.webhook.delete({ where: { id } });
  });

  it('are previews of upgrades, a day after they were made, and with them what they alone hold', async () => {
    const row = await world.init('previewed');
    const [old, young] = [await unused(), await unused()];
    const gone = await previewed(row, { resultTree: old.tree, createdAt: daysAgo(1.001) });
    const kept = await previewed(row, { resultTree: young.tree, createdAt: daysAgo(0.999) });
    expect(await retain()).toMatchObject({ upgradePreviews: 1 });
    const left = await world.database.client.upgradePreview.findMany({ where: { id: { in: [gone, kept] } } });
    expect(left.map(({ id }) => id)).toEqual([kept]);
    for (const _ of ['marked', 'trees', 'blobs']) {
      await agesPass();
      await retain();
    }
    expect([await isThere(old), await isThere(young)]).toEqual([NONE, ALL]);
  });

  it('is content that nothing refers to, a day after that was seen', async () => {
    const content = await unused();
    await retain();
    expect(await isThere(content)).toEqual(ALL);
    await retain();
    expect(await isThere(content), 'the mark is young').toEqual(ALL);
    await agesPass();
    expect(await retain()).toMatchObject({ trees: 1, blobs: 0 });
    expect(await isThere(content)).toEqual([false, false, true, true]);
    await agesPass();
    expect(await retain()).toMatchObject({ trees: 0, blobs: 1 });
    expect(await isThere(content)).toEqual(NONE);
  });

  it('is what a draft held before it was edited, and nothing of what it holds', async () => {
    const draft = await world.init('edited');
    const first = await world.edit(draft.id, { 'a.yaml': 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: first\n' });
    await world.visit();
    const second = await world.edit(draft.id, { 'a.yaml': 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: second\n' });
    await world.visit();
    await retain();
    await agesPass();
    await retain();
    const trees = await world.database.client.packageTree.findMany({ select: { oid: true } });
    expect(trees.map(({ oid }) => oid)).not.toContain(first.tree);
    expect(trees.map(({ oid }) => oid)).toContain(second.tree);
    await expectWhole();
  });
});

/** All that names a tree. The tree is to stay while it is named. */
const REFERENCES: Record<string, (row: PackageRevision, tree: string) => Promise<unknown>> = {
  'the content of a revision': (row, tree) => changeRow(row, { tree }),
  'what the branch holds': (row, tree) => changeRow(row, { pushedTree: tree }),
  'what another writer left on the branch': (row, tree) => changeRow(row, { conflictTree: tree }),
  'what a draft stands on': (row, tree) => changeRow(row, { baseTree: tree }),
  'what the revision was cloned from': (row, tree) =>
    changeRow(row, { upstream: { url: 'u', directory: '', ref: 'v1', commit: null, tree } }),
  "the head of the repository's branch": (row, tree) =>
    world.database.client.package.update({ where: { id: row.packageId }, data: { headTree: tree } }),
  'what Git holds that the service did not write': (row, gitTree) => drifted(row, { gitTree }),
  'what the service held before': (row, heldTree) => drifted(row, { heldTree }),
  'what an upgrade was previewed from': (row, baseTree) => previewed(row, { baseTree }),
  'what was to be upgraded in a preview': (row, oursTree) => previewed(row, { oursTree }),
  'what a preview brings a package to': (row, theirsTree) => previewed(row, { theirsTree }),
  'what a preview would give': (row, resultTree) => previewed(row, { resultTree }),
  'an approved publication that waits': (row, tree) =>
    world.database.client.operation.create({
      data: {
        id: uuidv7(),
        kind: 'publish',
        state: 'queued',
        repositoryId: randomUUID(),
        revisionId: row.id,
        target: {},
        payload: { tree, approvedBy: 'grace' },
        requestedBy: 'grace',
        createdAt: new Date(),
      },
    }),
};

const drifted = ({ id: revisionId, repositoryId, path }: PackageRevision, trees: Partial<Drift>) => {
  const about = { key: path, kind: 'branchPushed', state: 'open', ref: 'x', path, revisionId } as const;
  const times = { foundAt: new Date(), updatedAt: new Date() };
  return world.database.client.drift.create({
    data: { id: uuidv7(), repositoryId, ...about, ...times, ...trees, heldUpstream: undefined },
  });
};

const previewed = async ({ id: revisionId, repositoryId, path }: PackageRevision, given: Partial<UpgradePreview>) => {
  const id = await addUpgradePreview(world.database, { revisionId, repositoryId, path });
  const data = given as Prisma.UpgradePreviewUncheckedUpdateInput;
  await world.database.client.upgradePreview.update({ where: { id }, data });
  return id;
};

const changeRow = ({ id }: PackageRevision, data: Prisma.PackageRevisionUncheckedUpdateInput) =>
  world.database.client.packageRevision.update({ where: { id }, data });

describe('what keeps content', () => {
  it.each(Object.keys(REFERENCES))('%s', async (name) => {
    const kept = await unused();
    const gone = await unused();
    await retain();
    await agesPass();
    const row = await world.init(`by-${randomUUID().slice(0, 8)}`);
    await REFERENCES[name]?.(row, kept.tree);
    await retain();
    await agesPass();
    await retain();
    expect(await isThere(kept)).toEqual(ALL);
    expect(await isThere(gone)).toEqual(NONE);
    const { unusedSince } = await world.database.client.packageTree.findUniqueOrThrow({ where: { oid: kept.tree } });
    expect(unusedSince, 'a mark on what is used').toBeNull();
  });

  it('names every column of the schema that holds the id of a tree', async () => {
    const columns = await world.database.client.$queryRaw<{ column: string }[]>`
      SELECT table_name || '.' || column_name AS column FROM information_schema.columns
      WHERE table_schema = current_schema() AND column_name ~ 'tree' ORDER BY 1`;
    // An approval keeps the id of what was approved for comparison only, an upstream that of what was cloned, and the history those of what there was: nobody reads
    // content by them. Files and subpackages go with their tree.
    expect(columns.map(({ column }) => column)).toEqual([
      'approval.tree',
      'campaign_item.result_tree',
      'campaign_item.tree',
      'drift.git_tree',
      'drift.held_tree',
      'package.head_tree',
      'package_commit.tree_after',
      'package_commit.tree_before',
      'package_file.tree_oid',
      'package_revision.base_tree',
      'package_revision.conflict_tree',
      'package_revision.pushed_tree',
      'package_revision.tree',
      'subpackage.tree_oid',
      'upgrade_preview.base_tree',
      'upgrade_preview.ours_tree',
      'upgrade_preview.result_tree',
      'upgrade_preview.theirs_tree',
      'upstream.tree',
    ]);
  });

  it('is a file of another tree that is used', async () => {
    const draft = await world.init('shared');
    const content = pod('shared');
    const { oid } = await world.get(ContentService).savePackage([{ path: 'other.yaml', mode: '100644', content }]);
    const [file] = await world.get(ContentStore).filesOf(oid);
    await world.edit(draft.id, { 'pod.yaml': Buffer.from(content).toString() });
    await retain();
    await agesPass();
    expect(await retain()).toMatchObject({ trees: expect.any(Number) });
    await agesPass();
    await retain();
    expect(await world.database.client.packageTree.count({ where: { oid } })).toBe(0);
    expect(await world.database.client.blob.count({ where: { oid: file?.oid ?? '' } })).toBe(1);
    await expectWhole();
  });
});

describe('content that somebody needs again while it is about to go', () => {
  it('does not count as known, and is stored again, which takes its mark away', async () => {
    const content = pod('again');
    const files = [{ path: 'pod.yaml', mode: '100644', content }];
    const { oid: tree } = await world.get(ContentService).savePackage(files);
    const [file] = await world.get(ContentStore).filesOf(tree);
    const blob = file?.oid ?? '';
    await world.database.client.packageTree.update({ where: { oid: tree }, data: { unusedSince: daysAgo(2) } });
    await world.database.client.blob.update({ where: { oid: blob }, data: { unusedSince: daysAgo(2) } });
    const store = world.get(ContentStore);
    expect(await store.knownTrees([tree], { yaml: true })).toEqual(new Set());
    expect(await store.knownBlobs([{ oid: blob, yaml: true }])).toEqual(new Set());
    await world.get(ContentService).savePackage(files);
    const removal = world.get(RetentionStore);
    expect(await removal.removeUnused('package_tree', new Date(), 1_000)).toBe(0);
    expect(await removal.removeUnused('blob', new Date(), 1_000)).toBe(0);
    expect(await isThere({ tree, blob })).toEqual(ALL);
    expect(await store.knownTrees([tree], { yaml: true })).toEqual(new Set([tree]));
    expect(await store.knownBlobs([{ oid: blob, yaml: true }])).toEqual(new Set([blob]));
  });

  it.each(['saved before the removal commits', 'saved and not committed when the removal comes'])(
    'stays when it is %s',
    async (order) => {
      const content = pod('race');
      const files = [{ path: 'pod.yaml', mode: '100644', content }];
      const { oid: tree } = await world.get(ContentService).savePackage(files);
      const [file] = await world.get(ContentStore).filesOf(tree);
      const blob = file?.oid ?? '';
      const old = { unusedSince: daysAgo(2) };
      await world.database.client.packageTree.update({ where: { oid: tree }, data: old });
      await world.database.client.packageFile.deleteMany({ where: { treeOid: tree } });
      await world.database.client.blob.update({ where: { oid: blob }, data: old });
      await world.database.client.packageTree.delete({ where: { oid: tree } });

      const removal = world.get(RetentionStore);
      const save = (): Promise<unknown> => world.get(ContentService).savePackage(files);
      const remove = (): Promise<unknown> => removal.removeUnused('blob', new Date(), 1_000);
      const [first, second] = order.startsWith('saved before') ? [remove, save] : [save, remove];
      const gate = gateway();
      const done = gateway();
      const holding = world.database.transaction(async () => {
        await first();
        done.resolve();
        await gate.promise;
      });
      await done.promise;
      const other = world.database.transaction(second);
      await sleep(200);
      gate.resolve();
      await Promise.all([holding, other]);
      expect(await isThere({ tree, blob })).toEqual(ALL);
    },
  );
});

describe('a retention under way', () => {
  it('begins no further step once it is cancelled, and says so', async () => {
    const { id } = await ask();
    await world.database.client.operation.update({ where: { id }, data: { state: 'running', cancelRequested: true } });
    const content = await unused();
    await world.database.client.packageTree.update({ where: { oid: content.tree }, data: { unusedSince: daysAgo(2) } });
    await world.get(InstanceRunner).run();
    expect(await world.operation(id)).toMatchObject({ state: 'cancelled' });
    expect(await isThere(content)).toEqual(ALL);
  });

  it('ends in the middle when it is cancelled there, and keeps what it has removed', async () => {
    const { id } = await ask();
    await world.database.client.idempotencyKey.create({
      data: { actor: 'ada', key: randomUUID(), requestHash: '', createdAt: daysAgo(2) },
    });
    const content = await oldMark();
    const restore = after('removeIdempotencyKeys', world, () =>
      world.database.client.operation.update({ where: { id }, data: { cancelRequested: true } }),
    );
    await world.get(InstanceRunner).run();
    restore();
    expect(await world.operation(id)).toMatchObject({ state: 'cancelled' });
    expect(await isThere(content)).toEqual(ALL);
    expect(await world.database.client.idempotencyKey.count({ where: { createdAt: { lt: daysAgo(1) } } })).toBe(0);
  });

  it('is left as it is when its worker is told to stop, and the next one goes on', async () => {
    const { id } = await ask();
    const content = await oldMark();
    const stopping = await world.secondEngine();
    after('removeOperations', stopping, async () => stopping.get(InstanceRunner).interrupt());
    await stopping.get(InstanceRunner).run();
    expect(await world.operation(id)).toMatchObject({ state: 'running', attempts: 1, nextAttemptAt: null });
    expect(await isThere(content)).toEqual(ALL);
    expect(await world.get(InstanceRunner).due()).toEqual([INSTANCE_SCOPE]);
    await world.get(InstanceRunner).run();
    expect(await world.operation(id)).toMatchObject({
      state: 'succeeded',
      attempts: 2,
      progress: { done: 0, total: 0 },
    });
    expect(await isThere(content)).toEqual([false, false, true, true]);
    await stopping.close();
  });

  it('writes nothing any more when its lease was lost, and another worker takes it up', async () => {
    const { id } = await ask();
    const content = await unused();
    await world.database.client.packageTree.update({ where: { oid: content.tree }, data: { unusedSince: daysAgo(2) } });
    const other = await world.secondEngine();
    const lost = gateway();
    const store = world.get(RetentionStore);
    const removeOperations = store.removeOperations.bind(store);
    store.removeOperations = async (...parameters) => {
      // As if this worker had hung for longer than its lease.
      store.removeOperations = removeOperations;
      lost.resolve();
      return removeOperations(...parameters);
    };
    const hung = world.get(InstanceRunner).run();
    await lost.promise;
    await world.database.client.lease.updateMany({
      where: { scopeId: INSTANCE_SCOPE },
      data: { holder: randomUUID(), expiresAt: new Date(0) },
    });
    await hung;
    expect(await world.operation(id)).toMatchObject({ state: 'running', attempts: 1 });
    expect(await isThere(content)).toEqual(ALL);
    await other.get(InstanceRunner).run();
    expect(await world.operation(id)).toMatchObject({ state: 'succeeded', attempts: 2 });
    expect(await isThere(content)).toEqual([false, false, true, true]);
    await other.close();
  });

  it('is one at a time in all processes', async () => {
    const { id } = await ask();
    const second = await world.secondEngine();
    await Promise.all([world.get(InstanceRunner).run(), second.get(InstanceRunner).run()]);
    await second.close();
    expect(await world.operation(id)).toMatchObject({ state: 'succeeded', attempts: 1 });
  });

  it('that fails over a fault that passes is tried again', async () => {
    const { id } = await ask();
    const store = world.get(RetentionStore);
    const removeOperations = store.removeOperations.bind(store);
    store.removeOperations = () => Promise.reject(new Error('the database is full of secrets'));
    await world.get(InstanceRunner).run();
    store.removeOperations = removeOperations;
    const failed = await world.operation(id);
    expect(failed).toMatchObject({ state: 'running', attempts: 1 });
    expect(failed.waitingFor).not.toContain('secrets');
    expect(failed.nextAttemptAt).toEqual(expect.any(Date));
    await world.database.client.operation.update({ where: { id }, data: { nextAttemptAt: new Date(0) } });
    await world.get(InstanceRunner).run();
    expect(await world.operation(id)).toMatchObject({ state: 'succeeded', attempts: 2 });
  });
});

describe('the time for a retention', () => {
  const endAll = (data: Prisma.OperationUncheckedUpdateManyInput) =>
    world.database.client.operation.updateMany({ where: { kind: 'retention' }, data });

  it('has come when the last one was asked for so long ago, and then it is asked for once', async () => {
    await retain();
    expect(await world.get(InstanceRunner).due()).toEqual([]);
    await endAll({ createdAt: daysAgo(1) });
    expect(await world.get(InstanceRunner).due()).toEqual([INSTANCE_SCOPE]);
    const before = await world.database.client.operation.count({ where: { kind: 'retention' } });
    await Promise.all([world.get(InstanceRunner).run(), world.get(InstanceRunner).run()]);
    expect(await world.get(InstanceRunner).due()).toEqual([]);
    const last = await world.database.client.operation.findMany({
      where: { kind: 'retention' },
      orderBy: { id: 'asc' },
    });
    expect(last.length).toBe(before + 1);
    expect(last.at(-1)).toMatchObject({ state: 'succeeded', requestedBy: 'pkgserver:worker' });
  });

  it('has not come on an instance that has done nothing yet', async () => {
    await world.database.client.operation.deleteMany();
    expect(await world.get(InstanceRunner).due()).toEqual([]);
  });
});

/** Content that the next retention removes. */
async function oldMark(): Promise<{ tree: string; blob: string }> {
  const content = await unused();
  await world.database.client.packageTree.update({ where: { oid: content.tree }, data: { unusedSince: daysAgo(2) } });
  return content;
}

/** Has something happen within the first step of this name; the answer takes that away again. */
function after(
  step: 'removeOperations' | 'removeIdempotencyKeys',
  { get }: Pick<TestEngine, 'get'>,
  action: () => Promise<unknown>,
): () => void {
  const store = get(RetentionStore);
  const original = store[step].bind(store);
  const restore = () => void (store[step] = original);
  store[step] = async (...parameters) => {
    restore();
    const count = await original(...parameters);
    await world.database.apart(action);
    return count;
  };
  return restore;
}

/** A promise that is kept from outside. */
function gateway(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((keep) => (resolve = keep));
  return { promise, resolve };
}

/** Every file of every revision is there to be read. */
async function expectWhole(): Promise<void> {
  const missing = await world.database.client.$queryRaw<unknown[]>`
    SELECT r.name, f.path FROM package_revision r LEFT JOIN package_tree t ON t.oid = r.tree
    LEFT JOIN package_file f ON f.tree_oid = r.tree LEFT JOIN blob b ON b.oid = f.blob_oid
    WHERE t.oid IS NULL OR f.path IS NOT NULL AND f.mode <> '160000' AND b.oid IS NULL`;
  expect(missing).toEqual([]);
}

async function metric(what: string): Promise<number> {
  const text = await world.get(Metrics).render();
  return Number(new RegExp(`pkgserver_retention_removed_total{what="${what}"} (\\d+)`).exec(text)?.[1] ?? 0);
}
