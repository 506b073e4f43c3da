import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Config } from '../../src/config/config.js';
import { LeaseLostError, Leases } from '../../src/jobs/lease.js';
import { PublishingWorld } from '../support/publishing.js';

let world: PublishingWorld;
beforeEach(async () => {
  world = await PublishingWorld.start();
});
afterEach(() => world?.stop());

describe('the lease', () => {
  const holdUntil = (seconds: number) =>
    world.database.client.lease.create({
      data: {
        scopeId: world.repository.id,
        holder: randomUUID(),
        expiresAt: new Date(Date.now() + seconds * 1000),
      },
    });

  it('lets one worker at a repository at a time', async () => {
    const second = await world.secondEngine();
    await world.init('core');
    const disturbed: number[] = [];
    world.server.onRequest(async ({ phase }) => {
      if (phase === 'after' || disturbed.length >= 5) return;
      const before = world.server.requests;
      // The other worker comes while this one is at it: it goes away without a word to the remote.
      disturbed.push(0);
      const mine = disturbed.length - 1;
      await second.visit(world.repository.id);
      disturbed[mine] = world.server.requests - before;
    });
    await world.visit();
    world.server.onRequest(null);
    await second.close();
    expect(disturbed).toEqual([0, 0, 0]);
    expect(await world.refs()).toContain('heads/drafts/core/one');
  });

  it('of a dead worker is waited for, then taken over with what that one was at', async () => {
    const draft = await world.init('core');
    await world.database.client.operation.updateMany({
      data: { state: 'running', attempts: 1, startedAt: new Date() },
    });
    await holdUntil(3600);
    await world.visit();
    expect(await world.row(draft.id)).toMatchObject({ gitState: 'pending' });
    await world.database.client.lease.updateMany({ data: { expiresAt: new Date(Date.now() - 1000) } });
    await world.visit();
    expect(await world.row(draft.id)).toMatchObject({ gitState: 'synced' });
    expect(await world.unfinished()).toBe(0);
    expect(await world.database.client.lease.count()).toBe(0);
  });

  it.each(['before', 'after'] as const)('lost %s the push: nothing is written down', async (moment) => {
    const draft = await world.init('core');
    const operation = await world.proposeAndApprove(draft.id);
    const before = await world.row(draft.id);
    world.server.onRequest(async ({ service, method, phase }) => {
      if (service !== 'git-receive-pack' || method !== 'POST' || phase !== moment) return;
      await world.database.client.lease.updateMany({ data: { holder: randomUUID() } });
    });
    await world.visit();
    world.server.onRequest(null);
    expect(await world.row(draft.id)).toEqual(before);
    expect(await world.operation(operation.id)).toMatchObject({
      state: 'running',
      waitingFor: null,
      nextAttemptAt: null,
    });

    await world.database.client.lease.updateMany({ data: { expiresAt: new Date(0) } });
    await world.visit();
    expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'published', revision: 'v1' });
    expect(await world.operation(operation.id)).toMatchObject({ state: 'succeeded' });
    expect(await world.tags()).toEqual(['core/v1']);
    expect(await world.git('rev-list', '--first-parent', '--count', 'main')).toBe('2');
  });

  it('that could not be renewed cuts the network calls short', async () => {
    const patient = await world.secondEngine({ LEASE_SECONDS: '1', GIT_TIMEOUT_SECONDS: '60' });
    await world.init('core');
    world.server.onRequest(async () => {
      await world.database.client.lease.updateMany({ data: { holder: randomUUID() } });
      world.server.hang('blueprints');
    });
    const started = Date.now();
    await patient.visit(world.repository.id);
    expect(Date.now() - started).toBeLessThan(20_000);
    world.server.onRequest(null);
    world.server.unhang('blueprints');
    await patient.close();
    expect(await world.database.client.operation.findFirstOrThrow({})).toMatchObject({
      state: 'running',
      waitingFor: null,
    });
  });

  /** As a renewal does that was sent in time and held up on its way. */
  const renewLate = () =>
    world.database.client.lease.updateMany({ data: { expiresAt: new Date(Date.now() + 3_600_000) } });
  const runOut = () => world.database.client.lease.updateMany({ data: { expiresAt: new Date(0) } });

  it('that was lost stays lost, also when an older renewal comes through', async () => {
    const lease = await new Leases(world.database, { leaseSeconds: 1 } as Config).acquire(world.repository.id);
    await lease?.assertHeld();
    await runOut();
    if (lease && !lease.signal.aborted) await once(lease.signal, 'abort');
    await renewLate();
    await expect(lease?.assertHeld()).rejects.toThrow(LeaseLostError);
    await lease?.release();
  });

  it('lost in the middle of a group ends none of its operations with the fault of another', async () => {
    const second = await world.secondEngine({ LEASE_SECONDS: '3' });
    const acquire = vi.spyOn(second.get(Leases), 'acquire');
    const conflicted = await world.init('conflicted');
    const other = await world.init('other');
    await world.database.client.packageRevision.update({
      where: { id: conflicted.id },
      data: { gitState: 'conflict', gitMessage: 'Someone else was at it.' },
    });
    // The group's operations are about to be read from this table.
    let unlock = () => {};
    const locked = new Promise<void>((resolve) => (unlock = resolve));
    const holding = world.database.transaction(async () => {
      await world.database.client.$executeRaw`LOCK TABLE package_revision`;
      await locked;
    });
    const visit = second.visit(world.repository.id);
    await expect.poll(() => world.database.client.operation.count({ where: { state: 'running' } })).toBe(2);
    await runOut();
    const lease = await acquire.mock.results[0]?.value;
    if (lease && !lease.signal.aborted) await once(lease.signal, 'abort');
    await renewLate();
    unlock();
    await Promise.all([holding, visit]);
    await second.close();
    const pushes = await world.database.client.operation.findMany({ where: { kind: 'push' } });
    expect(pushes.map(({ state, error }) => ({ state, error }))).toEqual([
      { state: 'running', error: null },
      { state: 'running', error: null },
    ]);

    await runOut();
    await world.visit();
    expect(await world.row(other.id)).toMatchObject({ gitState: 'synced', gitMessage: null });
  });
});
