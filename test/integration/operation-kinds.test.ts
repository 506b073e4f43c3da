import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operation, PackageRevision } from '../../src/database/generated/client.js';
import {
  canCancel,
  factsOf,
  type NewOperation,
  type OperationKind,
  type OperationPayloads,
  OPERATION_KIND_NAMES,
} from '../../src/domain/operation.js';
import { Outbox } from '../../src/jobs/outbox.js';
import { AloneRunner } from '../../src/jobs/alone/alone-runner.js';
import { InstanceRunner } from '../../src/jobs/instance/instance-runner.js';
import { INSTANCE_SCOPE } from '../../src/jobs/work-scope.js';
import { OPERATION_COLUMNS } from '../../src/jobs/operation.sql.js';
import { Prisma } from '../../src/database/generated/client.js';
import { someone } from '../support/service-callers.js';
import { PublishingWorld } from '../support/publishing.js';

/** What each kind's request carries, about a proposed or published revision; a kind that is missing does not compile. */
const PAYLOADS: { [Kind in OperationKind]: (row: PackageRevision) => OperationPayloads[Kind] } = {
  sync: () => ({}),
  push: () => ({}),
  discard: () => ({ branches: [] }),
  publish: ({ tree }) => ({ tree, approvedBy: 'grace' }),
  delete: ({ tree, path, revision }) => ({ tree, path, revision: revision ?? undefined }),
  retention: () => ({}),
  bulk: () => ({ action: 'propose', parameters: {}, caller: { user: 'grace', email: null, groups: [] } }),
  upstreams: () => ({}),
  variants: () => ({}),
  campaignPlan: () => ({ campaignId: world.repository.id, caller: { user: 'grace', email: null, groups: [] } }),
  campaign: () => ({ campaignId: world.repository.id, caller: { user: 'grace', email: null, groups: [] } }),
  clone: ({ repositoryId }) => ({
    draft: { repositoryId, package: `clone-${packages}`, workspace: 'one' },
    place: { ...PLACE, url: world.repository.url },
    caller: { user: 'grace', email: null, groups: [] },
  }),
};

const PLACE = { ref: 'main', directory: 'place', credentialId: null };

/** Kinds that work on a published revision; the others on a proposed one, or on none. */
const ON_PUBLISHED: readonly OperationKind[] = ['delete'];

let world: PublishingWorld;
let packages = 0;
beforeAll(async () => {
  world = await PublishingWorld.start({ settings: { RETRY_MAX_SECONDS: '1' } });
  await world.remote.commit({ files: { 'place/a.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\n' } });
});
afterAll(() => world?.stop());

/** A revision on which an operation of the kind can work, with nothing waiting for it. */
async function revisionFor(kind: OperationKind): Promise<PackageRevision> {
  packages += 1;
  const path = `package-${packages}`;
  if (ON_PUBLISHED.includes(kind)) {
    const { id } = await world.publish(path);
    await world.lifecycle.proposeDeletion(id, { force: true }, someone('grace'));
    await world.visit();
    return world.row(id);
  }
  const draft = await world.init(path);
  await world.propose(draft.id);
  await world.visit();
  return world.row(draft.id);
}

const isOfRepository = (kind: OperationKind): boolean => factsOf(kind).scope === 'repository';

/** Has a worker do what is due where operations of the kind work. */
async function work(kind: OperationKind): Promise<void> {
  const { scope } = factsOf(kind);
  if (scope === 'repository') return world.visit();
  if (scope === 'instance') return world.get(InstanceRunner).run();
  const runner = world.get(AloneRunner);
  for (const id of await runner.due(100)) await runner.run(id);
}

function request(kind: OperationKind, row: PackageRevision): NewOperation {
  const { id, name } = world.repository;
  const payload = PAYLOADS[kind](row);
  if (kind === 'clone') {
    const target = { type: 'Repository', id, name } as const;
    return { kind, repositoryId: id, path: `clone-${packages}`, target, payload, requestedBy: 'grace' };
  }
  if (!isOfRepository(kind)) {
    const target = { type: 'Instance', id: INSTANCE_SCOPE, name: 'pkgserver' } as const;
    return { kind, repositoryId: null, target, payload, requestedBy: 'grace' };
  }
  const about = { kind, repositoryId: id, payload, requestedBy: 'grace' };
  return factsOf(kind).readsOnly
    ? { ...about, target: { type: 'Repository', id, name } }
    : { ...about, revisionId: row.id, path: row.path, target: { type: 'PackageRevision', id: row.id, name: row.name } };
}

const start = (asked: NewOperation): Promise<Operation> =>
  world.database.transaction(() => world.engine.get(Outbox).start(asked));

const change = (id: string, data: Prisma.OperationUpdateInput): Promise<Operation> =>
  world.database.client.operation.update({ where: { id }, data });

async function endAll(): Promise<void> {
  await world.database.client.operation.updateMany({
    where: { state: { in: ['queued', 'running'] } },
    data: { state: 'cancelled', finishedAt: new Date() },
  });
}

describe.each(OPERATION_KIND_NAMES)('an operation of the kind %s', (kind) => {
  const facts = factsOf(kind);

  it('does the work of a second request where the kind folds', async () => {
    const asked = request(kind, await revisionFor(kind));
    const first = await start(asked);
    const second = await start(asked);
    expect(second.id === first.id).toBe(facts.folds !== 'never');
    await endAll();
  });

  it('does not do the work of a request that comes after the request to cancel it', async () => {
    const asked = request(kind, await revisionFor(kind));
    const first = await start(asked);
    const later = new Date(Date.now() + 60_000);
    await change(first.id, { state: 'running', nextAttemptAt: later, cancelRequested: true });
    const second = await start(asked);
    expect(second.id).not.toBe(first.id);
    if (isOfRepository(kind)) await world.visitNow();
    await work(kind);
    expect((await world.operation(second.id)).state).not.toBe('cancelled');
    await endAll();
  });

  it('ends when it is cancelled while its worker is gone, unless it carries an accepted change', async () => {
    const { id } = await start(request(kind, await revisionFor(kind)));
    await change(id, { state: 'running', cancelRequested: true });
    await work(kind);
    expect((await world.operation(id)).state).toBe(canCancel(kind) ? 'cancelled' : 'succeeded');
    await endAll();
  });

  it('ends when it is cancelled while the remote is away, unless it carries an accepted change', async () => {
    const { id } = await start(request(kind, await revisionFor(kind)));
    await change(id, { state: 'running', cancelRequested: true });
    await world.server.down();
    await work(kind);
    // What asks no remote goes on without it.
    const otherwise = isOfRepository(kind) ? 'running' : 'succeeded';
    expect((await world.operation(id)).state).toBe(canCancel(kind) ? 'cancelled' : otherwise);
    await world.server.up();
    await world.visitNow();
    await endAll();
  });

  it('is told of once when it ends, also one that was left behind by a worker, or is covered by another', async () => {
    const asked = request(kind, await revisionFor(kind));
    const first = await start(asked);
    // As a worker leaves it that ended right after it took the work, with more of the same behind it.
    await change(first.id, { state: 'running', attempts: 1 });
    const second = await start(asked);
    expect(second.id).not.toBe(first.id);
    await work(kind);
    for (const { id } of [first, second]) {
      const { state, result } = await world.operation(id);
      expect(['succeeded', 'failed', 'cancelled']).toContain(state);
      const isCovered = facts.folds === 'always' && id === second.id;
      expect((result as { coveredBy?: string } | null)?.coveredBy).toBe(isCovered ? first.id : undefined);
      const told = await world.database.client.$queryRaw<{ state: string }[]>`
        SELECT data -> 'operation' ->> 'state' AS state FROM (
          SELECT subject, data FROM event UNION ALL SELECT subject, data FROM event_pending
        ) e WHERE subject = ${id}`;
      expect(told).toEqual([{ state }]);
    }
    await endAll();
  });

  it('is refused the request to cancel exactly where it carries an accepted change', async () => {
    const { id } = await start(request(kind, await revisionFor(kind)));
    if (canCancel(kind)) await expect(world.operations.cancel(id)).resolves.toMatchObject({ state: 'cancelled' });
    else await expect(world.operations.cancel(id)).rejects.toMatchObject({ code: 'stateConflict' });
    await endAll();
  });

  it('keeps its revision as it is where it blocks edits', async () => {
    const asked = request(kind, await revisionFor(kind));
    if (asked.revisionId === undefined) return expect(facts.blocksEdits).toBeNull();
    await start(asked);
    const back = ON_PUBLISHED.includes(kind)
      ? world.lifecycle.rejectDeletion(asked.revisionId, 'grace')
      : world.lifecycle.reject(asked.revisionId, 'grace');
    if (facts.blocksEdits === null) await expect(back).resolves.toBeDefined();
    else await expect(back).rejects.toThrow(`is being ${facts.blocksEdits}`);
    await endAll();
  });

  it('writes an audit entry at its end exactly where it changes what is published, or makes something', async () => {
    const { id } = await start(request(kind, await revisionFor(kind)));
    await work(kind);
    expect((await world.operation(id)).state).toBe('succeeded');
    const entries = await world.database.client.auditEntry.findMany({ where: { operationId: id } });
    expect(entries.map(({ action }) => action)).toEqual(facts.auditAction === null ? [] : [facts.auditAction]);
    // What is made was nothing before.
    for (const entry of entries) expect(entry.before).toEqual(kind === 'clone' ? null : expect.any(String));
  });

  it('harms nobody else where its payload cannot be read', async () => {
    const other = await start(request('sync', await revisionFor('sync')));
    const { id } = await start(request(kind, await revisionFor(kind)));
    await change(id, { payload: 'nonsense' });
    await world.visit();
    await work(kind);
    expect(await world.operation(id)).toMatchObject({ state: 'failed', error: { code: 'unavailable' } });
    if (other.id !== id) expect(await world.operation(other.id)).toMatchObject({ state: 'succeeded' });
  });
});

it('reads an operation by its own statement as Prisma does, column by column', async () => {
  const { id } = await start(request('publish', await revisionFor('publish')));
  await world.visit();
  const [read] = await world.database.read<Operation>(
    Prisma.sql`SELECT ${OPERATION_COLUMNS} FROM operation o WHERE o.id = ${id}::uuid`,
  );
  expect(read).toEqual(await world.operation(id));
});
