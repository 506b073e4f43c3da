import { describe, expect, it } from 'vitest';
import { ANY_VERSION } from '../../src/domain/precondition.js';
import type { FileInput } from '../../src/features/package-contents/file-edit.js';
import { commitOf } from '../support/index-rows.js';
import { RevisionServices } from '../support/revision-services.js';

const services = RevisionServices.create();
const { aPackageRevision, patch, present, read } = services;

const draft = (files?: Record<string, FileInput>) => aPackageRevision({ ...(files && { files }) });

describe('a draft in conflict', () => {
  async function conflict() {
    const row = await services.markPushed(await draft({ a: 'base' }));
    await patch(row.id, { a: 'ours' });
    const theirs = await services.contents.savePackage([{ path: 'a', mode: '100644', content: Buffer.from('theirs') }]);
    await services.database.client.packageRevision.update({
      where: { id: row.id },
      data: { gitState: 'conflict', conflictCommit: commitOf('theirs'), conflictTree: theirs.oid },
    });
    await services.database.client.operation.deleteMany({ where: { revisionId: row.id } });
    return { row: await present(row.id), theirs: theirs.oid };
  }
  const pushes = (id: string) => services.database.client.operation.count({ where: { revisionId: id, kind: 'push' } });

  it('shows both sides, can be edited, and is neither proposed nor pushed until it is resolved', async () => {
    const { row } = await conflict();
    expect((await services.resources.read(row.id, 'remote')).files.a?.content).toBe('theirs');
    expect((await read(row.id)).a?.content).toBe('ours');
    await patch(row.id, { a: 'ours again' });
    expect((await present(row.id)).gitState).toBe('conflict');
    await expect(services.lifecycle.propose(row.id, 'ada')).rejects.toMatchObject({ code: 'draftConflict' });
    await expect(services.rebases.rebase(row.id, 'ada', ANY_VERSION)).rejects.toMatchObject({
      code: 'draftConflict',
    });
    expect(await pushes(row.id)).toBe(0);
  });

  it('keeps ours, on top of theirs', async () => {
    const { row, theirs } = await conflict();
    const resolved = await services.conflicts.resolve(row.id, 'draft', 'ada', ANY_VERSION);
    expect(resolved).toMatchObject({
      tree: row.tree,
      commit: commitOf('theirs'),
      pushedTree: theirs,
      gitState: 'pending',
      conflictCommit: null,
      conflictTree: null,
      version: row.version + 1,
    });
    expect(await pushes(row.id)).toBe(1);
    await expect(services.resources.read(row.id, 'remote')).rejects.toMatchObject({ code: 'notFound' });
    await expect(services.conflicts.resolve(row.id, 'draft', 'ada', ANY_VERSION)).rejects.toMatchObject({
      code: 'stateConflict',
    });
  });

  it('keeps theirs, with nothing left to push', async () => {
    const { row, theirs } = await conflict();
    const resolved = await services.conflicts.resolve(row.id, 'remote', 'ada', ANY_VERSION);
    expect(resolved).toMatchObject({ tree: theirs, pushedTree: theirs, gitState: 'synced', conflictTree: null });
    expect((await read(row.id)).a?.content).toBe('theirs');
    expect(await pushes(row.id)).toBe(0);
  });

  it('keeps theirs, and still moves the branch of a proposal that was rejected meanwhile', async () => {
    const { row } = await conflict();
    await services.database.client.packageRevision.update({ where: { id: row.id }, data: { lifecycle: 'proposed' } });
    const resolved = await services.conflicts.resolve(row.id, 'remote', 'ada', ANY_VERSION);
    expect(resolved.gitState).toBe('pending');
    expect(await pushes(row.id)).toBe(1);
  });
});

describe('rebasing', () => {
  it('bases a draft on what the ref holds now, and leaves its content alone', async () => {
    const row = await services.markPushed(await draft());
    expect(await services.rebases.rebase(row.id, 'ada', ANY_VERSION)).toEqual(row);
    await services.database.client.repository.update({
      where: { id: services.repository.id },
      data: { commit: commitOf('moved') },
    });
    const rebased = await services.rebases.rebase(row.id, 'ada', ANY_VERSION);
    expect(rebased).toMatchObject({
      baseCommit: commitOf('moved'),
      tree: row.tree,
      gitState: 'pending',
      version: row.version + 1,
    });
    const proposed = await services.lifecycle.propose(row.id, 'ada');
    await expect(services.rebases.rebase(proposed.id, 'ada', ANY_VERSION)).rejects.toMatchObject({
      code: 'stateConflict',
    });
  });
});

describe('heads', () => {
  it('gives the content of the ref, and 404 where it has none', async () => {
    const row = await draft({ 'a.yaml': 'a: b' });
    await expect(services.packages.resources(row.packageId)).rejects.toMatchObject({ code: 'notFound' });
    const published = await services.markPublished(row, 'v1');
    expect((await services.packages.resources(row.packageId)).etag).toBe(published.tree);
    expect(await services.packages.get(row.packageId)).toMatchObject({
      headTree: published.tree,
      latestId: row.id,
      latestRevision: 'v1',
      revisionCount: 1,
    });
  });
});
