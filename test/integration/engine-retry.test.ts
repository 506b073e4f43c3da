import { AsyncResource } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { someone } from '../support/service-callers.js';
import { CredentialService } from '../../src/features/credentials/credential.service.js';
import { DomainError } from '../../src/domain/errors.js';
import { PublishHandler } from '../../src/operations/handlers/publish.handler.js';
import { PublishingWorld } from '../support/publishing.js';

let world: PublishingWorld;
beforeEach(async () => {
  world = await PublishingWorld.start({ settings: { RETRY_MAX_SECONDS: '1' } });
});
afterEach(() => world?.stop());

describe('a remote that is away', () => {
  it('keeps what was accepted waiting, says why, takes edits all the while, and has it all when it is back', async () => {
    const draft = await world.init('core');
    await world.visit();
    await world.server.down();
    const operation = await world.proposeAndApprove(draft.id);
    await world.visit();
    const waiting = await world.operation(operation.id);
    expect(waiting).toMatchObject({ state: 'running', attempts: 1, error: null });
    expect(waiting.waitingFor).toContain('refuses the connection');
    expect(waiting.nextAttemptAt?.getTime()).toBeGreaterThan(waiting.startedAt?.getTime() ?? Infinity);
    // Not due yet: a visit leaves it alone.
    await world.visit();
    const other = await world.init('other');
    const edited = await world.edit(other.id, { 'a.yaml': 'a: 1\n' });
    await world.visitNow();
    expect((await world.operation(operation.id)).attempts).toBeGreaterThan(1);
    expect(await world.row(other.id)).toMatchObject({ gitState: 'pending', gitMessage: waiting.waitingFor });

    await world.server.up();
    await world.visitNow();
    expect(await world.row(draft.id)).toMatchObject({ revision: 'v1' });
    expect(await world.row(other.id)).toMatchObject({ gitState: 'synced', gitMessage: null });
    expect(await world.git('rev-parse', 'drafts/other/one:other')).toBe(edited.tree);
    expect(await world.operation(operation.id)).toMatchObject({
      state: 'succeeded',
      waitingFor: null,
      nextAttemptAt: null,
    });
  });

  it('does not stop the cancellation of a publication that was not on its way yet', async () => {
    const draft = await world.init('core');
    await world.visit();
    await world.server.down();
    const operation = await world.proposeAndApprove(draft.id);
    await world.visit();
    await world.operations.cancel(operation.id);
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'cancelled' });
    expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'proposed' });
    await world.server.up();
    await world.visitNow();
    expect(await world.tags()).toEqual([]);
  });

  it('has to be asked first when the publication may have arrived', async () => {
    const draft = await world.init('core');
    await world.visit();
    const operation = await world.proposeAndApprove(draft.id);
    world.server.onRequest(({ service, method, phase }) =>
      service === 'git-receive-pack' && method === 'POST' && phase === 'after' ? 'drop' : undefined,
    );
    await world.visit();
    world.server.onRequest(null);
    await world.server.down();
    await world.operations.cancel(operation.id);
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'running' });
    await world.server.up();
    await world.visit();
    // It had arrived.
    expect(await world.operation(operation.id)).toMatchObject({ state: 'succeeded' });
    expect(await world.tags()).toEqual(['core/v1']);
  });

  it('shows on the repository, and no more once it is back', async () => {
    const conditions = async () =>
      (await world.database.client.repository.findUniqueOrThrow({ where: { id: world.repository.id } })).conditions;
    await world.server.down();
    await world.visitNow();
    expect(await conditions()).toMatchObject([{ type: 'Ready', status: 'False', reason: 'Unreachable' }]);
    await world.server.up();
    await world.visitNow();
    expect(await conditions()).toMatchObject([{ type: 'Ready', status: 'True' }]);
  });
});

describe('a credential that the remote refuses', () => {
  it('fails the publication, keeps the push waiting, and a retry with a good one goes through', async () => {
    const draft = await world.init('core');
    world.server.requireBasic('blueprints', 'me', 'secret');
    const operation = await world.proposeAndApprove(draft.id);
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'failed', error: { code: 'remoteAuthFailed' } });
    expect(await world.database.client.operation.findFirstOrThrow({ where: { kind: 'push' } })).toMatchObject({
      state: 'running',
    });
    const { id } = await world
      .get(CredentialService)
      .create({ name: 'good', type: 'basic', username: 'me', password: 'secret' }, 'ada');
    await world.database.client.repository.updateMany({ data: { credentialId: id } });
    await world.operations.retry(operation.id, someone('root'));
    await world.visitNow();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'succeeded', error: null });
    expect(await world.row(draft.id)).toMatchObject({ revision: 'v1' });
  });
});

describe('a fault of our own', () => {
  it('keeps the publication waiting where it can be seen and cancelled, and holds nobody up', async () => {
    const [draft, other] = [await world.init('core'), await world.init('other')];
    await world.visit();
    const operation = await world.proposeAndApprove(draft.id);
    await world.edit(other.id, { 'a.yaml': 'a: 1\n' });
    const handler = world.get(PublishHandler);
    const { apply } = handler;
    handler.apply = async () => {
      throw new TypeError('secret detail');
    };
    await world.visit();
    expect(await world.row(other.id)).toMatchObject({ gitState: 'synced' });
    const waiting = await world.operation(operation.id);
    expect(waiting.state).toBe('running');
    expect(waiting.waitingFor).toMatch(/unexpected error/);
    expect(waiting.waitingFor).not.toContain('secret');
    handler.apply = apply;
    await world.operations.cancel(operation.id);
    await world.visit();
    expect(await world.operation(operation.id)).toMatchObject({ state: 'cancelled' });
    expect(await world.row(draft.id)).toMatchObject({ lifecycle: 'proposed' });
    await expect(world.operations.retry(operation.id, someone('root'))).rejects.toThrow(DomainError);
  });

  it('does not overrule a cancellation that came while the worker took the operation', async () => {
    const draft = await world.init('core');
    await world.visit();
    const operation = await world.proposeAndApprove(draft.id);
    let visit = Promise.resolve();
    const visitElsewhere = AsyncResource.bind(() => world.visit());
    await world.database.transaction(async () => {
      await world.operations.cancel(operation.id);
      visit = visitElsewhere();
      await new Promise((resolve) => setTimeout(resolve, 500));
    });
    await visit;
    expect(await world.operation(operation.id)).toMatchObject({ state: 'cancelled' });
    expect(await world.tags()).toEqual([]);
  });
});
