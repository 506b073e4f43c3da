import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { PublishingWorld, type WorldOptions } from '../support/publishing.js';

const ONE_BY_ONE: WorldOptions = { remote: { 'receive.advertiseAtomic': 'false' } };
const TAG = /^\d+\.[0-9a-f]{8}$/;

let world: PublishingWorld;
const start = async (options: WorldOptions = {}) => (world = await PublishingWorld.start(options));
afterEach(() => world?.stop());

const entries = () => world.database.client.auditEntry.findMany({ orderBy: { id: 'asc' } });

function onPush(action: () => Promise<'drop' | void>): void {
  world.server.onRequest(async ({ service, method, phase }) => {
    if (service !== 'git-receive-pack' || method !== 'POST' || phase !== 'after') return;
    world.server.onRequest(null);
    return action();
  });
}

const cut = async () => 'drop' as const;
const loseLease = async () => {
  await world.database.client.lease.updateMany({ data: { holder: randomUUID(), expiresAt: new Date(0) } });
};

describe('a publication', () => {
  it('has one entry, with who asked for it and what became of the revision', async () => {
    await start();
    const draft = await world.init('nf/core');
    const operation = await world.proposeAndApprove(draft.id);
    expect(await entries()).toEqual([]);
    await world.visit();
    const [entry, ...more] = await entries();
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      ...{ action: 'packageRevision.published', outcome: 'succeeded', actor: 'grace', operationId: operation.id },
      ...{ resourceType: 'PackageRevision', resourceId: draft.id, path: 'nf/core', tokenId: null, address: null },
      ...{ repositoryId: world.repository.id, requestId: operation.requestId },
    });
    expect([entry?.before, entry?.after]).toEqual([expect.stringMatching(TAG), expect.stringMatching(TAG)]);
    expect(entry?.before).not.toBe(entry?.after);
    await world.visitNow();
    expect(await entries()).toHaveLength(1);
  });

  it.each([
    ['whose push was not heard', cut],
    ['whose worker lost its lease', loseLease],
  ])('%s has one entry, when it is done again', async (_, fault) => {
    await start();
    const draft = await world.init('core');
    const operation = await world.proposeAndApprove(draft.id);
    onPush(fault);
    await world.visit();
    expect(await entries()).toEqual([]);
    await world.visitNow();
    await world.visitNow();
    expect(await entries()).toMatchObject([{ action: 'packageRevision.published', operationId: operation.id }]);
  });

  it('that a sync sees before its operation ends has one entry', async () => {
    await start();
    const draft = await world.init('core');
    const operation = await world.proposeAndApprove(draft.id);
    onPush(cut);
    await world.visit();
    // Only the sync of the next visit is let through: it finds the tag, and the operation waits.
    await world.database.client.operation.updateMany({
      where: { state: 'running' },
      data: { nextAttemptAt: new Date(Date.now() + 3_600_000) },
    });
    await world.database.client.repositoryPolling.updateMany({ data: { nextSyncAt: new Date(0), blockedUntil: null } });
    await world.visit();
    expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'published' });
    expect(await world.operation(operation.id)).toMatchObject({ state: 'running' });
    expect(await entries()).toEqual([]);
    await world.visitNow();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'succeeded' });
    expect(await entries()).toMatchObject([{ action: 'packageRevision.published', resourceId: draft.id }]);
  });

  it('that fails or is cancelled has none', async () => {
    await start();
    const draft = await world.init('core');
    const operation = await world.proposeAndApprove(draft.id);
    await world.operations.cancel(operation.id);
    await world.visit();
    const again = await world.approve(draft.id);
    await world.database.client
      .$executeRaw`UPDATE package_revision SET tree = ${'0'.repeat(40)} WHERE id = ${draft.id}::uuid`;
    await world.visit();
    expect(await world.operation(again.id)).toMatchObject({ state: 'failed' });
    expect(await entries()).toEqual([]);
  });

  it('of many at once has one entry each', async () => {
    await start();
    const operations: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      const draft = await world.init(`p${index}`);
      operations.push((await world.proposeAndApprove(draft.id)).id);
    }
    await world.visit();
    expect((await entries()).map(({ operationId }) => operationId)).toEqual(operations);
  });
});

describe('a deletion', () => {
  it('has one entry, in which nothing is left after it', async () => {
    await start();
    const row = await world.publish('nf/core');
    const operation = await world.requestDeletion(row.id);
    await world.visit();
    const [, entry, ...more] = await entries();
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      ...{ action: 'packageRevision.deleted', actor: 'grace', operationId: operation.id, resourceId: row.id },
      ...{ path: 'nf/core', before: expect.stringMatching(TAG), after: null },
    });
  });

  it.each([
    ['whose push was not heard', {}, cut],
    ['whose worker lost its lease', {}, loseLease],
    ['of a ref after the other that was cut between them', ONE_BY_ONE, cut],
  ])('%s has one entry, when it is done again', async (_, options, fault) => {
    await start(options);
    const row = await world.publish('core');
    const operation = await world.requestDeletion(row.id);
    onPush(fault);
    await world.visit();
    expect(await entries()).toHaveLength(1);
    await world.visitNow();
    await world.visitNow();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'succeeded' });
    expect((await entries()).slice(1)).toMatchObject([
      { action: 'packageRevision.deleted', resourceId: row.id, path: 'core', after: null },
    ]);
  });
});
