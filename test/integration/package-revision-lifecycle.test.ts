import { describe, expect, it } from 'vitest';
import { ANY_VERSION } from '../../src/domain/precondition.js';
import { allowedActions, LIFECYCLES, type Lifecycle } from '../../src/domain/lifecycle.js';
import { revisionEtag } from '../../src/domain/revision-etag.js';
import type { RevisionRow } from '../../src/revisions/revision-row.js';
import { actionsFor } from '../../src/access/action-permissions.js';
import { RevisionServices } from '../support/revision-services.js';
import { someone, verified } from '../support/service-callers.js';

const services = RevisionServices.create();
const { aPackageRevision, etagOf, operationsOf, present } = services;

/** A revision in this state with nothing left to push. */
const inState = (lifecycle: Lifecycle) => aPackageRevision({ state: lifecycle === 'draft' ? 'pushed' : lifecycle });

const actions = {
  edit: (row: RevisionRow) => services.resources.patch(row.id, { 'a.txt': 'a' }, 'eve', ANY_VERSION),
  propose: (row: RevisionRow) => services.lifecycle.propose(row.id, 'eve'),
  reject: (row: RevisionRow) => services.lifecycle.reject(row.id, 'eve'),
  withdraw: (row: RevisionRow) => services.lifecycle.withdraw(row.id, someone('ada')),
  approve: (row: RevisionRow) => services.approvals.approve(row.id, someone('eve'), ANY_VERSION),
  'propose-deletion': (row: RevisionRow) =>
    services.lifecycle.proposeDeletion(row.id, { force: false }, someone('eve')),
  'reject-deletion': (row: RevisionRow) => services.lifecycle.rejectDeletion(row.id, 'eve'),
  delete: (row: RevisionRow) => services.lifecycle.delete(row.id, someone('eve'), ANY_VERSION),
  copy: (row: RevisionRow) =>
    services.createDraft(services.repository, {
      package: undefined,
      workspace: 'next',
      source: { type: 'copy', revisionId: row.id },
    }),
  clone: (row: RevisionRow) =>
    services.createDraft(services.repository, {
      package: `${row.packageName}-clone`,
      source: { type: 'clone', upstream: { revisionId: row.id } },
    }),
};
type Name = keyof typeof actions;

/** The table of the lifecycle, written down once more by hand. */
const allowed: Record<Lifecycle, Name[]> = {
  draft: ['edit', 'propose', 'delete'],
  proposed: ['reject', 'withdraw', 'approve', 'delete'],
  published: ['propose-deletion', 'copy', 'clone'],
  deletionProposed: ['reject-deletion', 'delete', 'copy', 'clone'],
};
const after: Partial<Record<Name, Lifecycle>> = {
  propose: 'proposed',
  reject: 'draft',
  withdraw: 'draft',
  'propose-deletion': 'deletionProposed',
  'reject-deletion': 'published',
};

describe('every state and every action', () => {
  const matrix = LIFECYCLES.flatMap((state) =>
    (Object.keys(actions) as Name[]).map((action) => [state, action] as const),
  );

  it.each(matrix)('%s: %s', async (state, action) => {
    const row = await inState(state);
    expect(row.lifecycle).toBe(state);
    if (allowed[state].includes(action)) {
      await actions[action](row);
      const now = await services.store.find(row.id);
      if (action === 'delete' && state !== 'deletionProposed') expect(now).toBeNull();
      else expect(now?.lifecycle).toBe(after[action] ?? state);
      // Whoever read it before has read something else.
      if (now && (action === 'edit' || after[action])) expect(revisionEtag(now)).not.toBe(revisionEtag(row));
    } else {
      await expect(actions[action](row)).rejects.toMatchObject({
        code: 'stateConflict',
        data: { lifecycle: state, allowedActions: [...allowedActions(state)] },
      });
      expect(await present(row.id)).toEqual(row);
      expect(await operationsOf(row.id)).toEqual([]);
    }
  });
});

describe('a decision', () => {
  it.each([
    ['reject', 'proposed', (id: string) => services.lifecycle.reject(id, 'grace', undefined, 'Too few replicas.')],
    [
      'withdraw',
      'proposed',
      (id: string) => services.lifecycle.withdraw(id, someone('grace'), undefined, 'Too few replicas.'),
    ],
    [
      'propose-deletion',
      'published',
      (id: string) => services.lifecycle.proposeDeletion(id, { comment: 'Too few replicas.' }, someone('grace')),
    ],
    [
      'reject-deletion',
      'deletionProposed',
      (id: string) => services.lifecycle.rejectDeletion(id, 'grace', undefined, 'Too few replicas.'),
    ],
  ] as const)('to %s is told on the revision, with who, when and why', async (action, state, decide) => {
    const row = await inState(state);
    const { lastDecision } = await decide(row.id);
    expect(lastDecision).toEqual({ by: 'grace', at: expect.any(String), action, comment: 'Too few replicas.' });
    expect(Date.parse(lastDecision?.at ?? '')).toBeGreaterThanOrEqual(row.updatedAt.getTime());
  });

  it('that nobody explained has no comment', async () => {
    const { id } = await inState('proposed');
    expect((await services.lifecycle.reject(id, 'grace')).lastDecision).toMatchObject({ comment: null });
  });

  it('of one approver of two is told before the publication', async () => {
    const row = await inState('proposed');
    await services.database.client.repository.update({
      where: { id: row.repositoryId },
      data: { policy: { requiredApprovals: 2 } },
    });
    await services.approvals.approve(row.id, someone('grace'), ANY_VERSION, { comment: 'Fine.' });
    expect((await present(row.id)).lastDecision).toMatchObject({ by: 'grace', action: 'approve', comment: 'Fine.' });
    await services.database.client.repository.update({ where: { id: row.repositoryId }, data: { policy: {} } });
  });
});

describe('a proposal', () => {
  it('is withdrawn by whoever created, edited or proposed it, and by nobody else', async () => {
    const { id } = await inState('draft');
    await services.resources.patch(id, { 'a.yaml': { content: 'a: 1' } }, 'hal', ANY_VERSION);
    const { createdBy } = await services.lifecycle.propose(id, 'pam');
    await expect(services.lifecycle.withdraw(id, verified('mallory'))).rejects.toMatchObject({ code: 'forbidden' });
    expect((await present(id)).lifecycle).toBe('proposed');
    for (const author of ['pam', 'hal', createdBy]) {
      expect(actionsFor(verified(author), await present(id))).toContain('withdraw');
      expect(await services.lifecycle.withdraw(id, verified(author))).toMatchObject({ lifecycle: 'draft' });
      await services.lifecycle.propose(id, 'pam');
    }
    expect(actionsFor(verified('mallory'), await present(id))).not.toContain('withdraw');
  });
});

describe('what a move leaves behind', () => {
  it('counts the version up, names the mover and leaves a push to the engine', async () => {
    const draft = await inState('draft');
    const proposed = await services.lifecycle.propose(draft.id, 'bob');
    expect(proposed).toMatchObject({ version: draft.version + 1, updatedBy: 'bob', gitState: 'pending' });
    expect(await operationsOf(draft.id)).toMatchObject([
      { kind: 'push', state: 'queued', requestedBy: 'bob', target: { id: draft.id, name: draft.name } },
    ]);
    expect(services.doorbell.rings.at(-1)).toBe(services.repository.id);
  });

  it('folds several changes into the push that still waits', async () => {
    const draft = await inState('draft');
    await services.lifecycle.propose(draft.id, 'ada');
    await services.lifecycle.reject(draft.id, 'ada');
    await services.lifecycle.propose(draft.id, 'ada');
    expect(await operationsOf(draft.id)).toHaveLength(1);
  });

  it('binds a publication to the content that was seen', async () => {
    const row = await inState('proposed');
    const operation = await services.approvals.approve(row.id, someone('grace'), etagOf(row));
    expect(operation).toMatchObject({ kind: 'publish', payload: { tree: row.tree, approvedBy: 'grace' } });
    expect((await present(row.id)).lifecycle).toBe('proposed');
  });

  it('removes the branch of a deleted draft that was pushed, and the package with it', async () => {
    const row = await inState('draft');
    await services.lifecycle.delete(row.id, someone('ada'), etagOf(row));
    expect(await operationsOf(row.id)).toMatchObject([
      { kind: 'discard', payload: { branches: [{ ref: row.branch, commit: row.commit }] } },
    ]);
    expect(await services.database.client.package.findUnique({ where: { id: row.packageId } })).toBeNull();
  });

  it('sees to a branch that a push under way may yet make', async () => {
    const row = await aPackageRevision();
    await services.lifecycle.delete(row.id, someone('ada'), ANY_VERSION);
    const operations = await operationsOf(row.id);
    expect(operations.map(({ kind, payload }) => [kind, payload])).toEqual([
      ['push', {}],
      ['discard', { branches: [] }],
    ]);
  });

  it('keeps a package that still has something, and lets a deleted one be made again', async () => {
    const published = await inState('published');
    const next = await actions.copy(published);
    await services.lifecycle.delete(next.id, someone('ada'), ANY_VERSION);
    expect(await services.database.client.package.findUnique({ where: { id: published.packageId } })).not.toBeNull();
    const draft = await inState('draft');
    await services.lifecycle.delete(draft.id, someone('ada'), ANY_VERSION);
    const again = await services.createDraft(services.repository, { package: draft.packageName });
    expect(again.name).toBe(draft.name);
  });

  it('leaves the removal of a published one to the engine', async () => {
    const row = await inState('deletionProposed');
    const operation = await services.lifecycle.delete(row.id, someone('ada'), etagOf(row));
    expect(operation).toMatchObject({ kind: 'delete', payload: { tree: row.tree } });
    expect((await present(row.id)).lifecycle).toBe('deletionProposed');
  });
});

describe('refusals', () => {
  it('does not propose a package without any KRM object', async () => {
    const row = await inState('draft');
    await services.resources.replace(row.id, { 'README.md': '# Nothing\n' }, 'ada', ANY_VERSION);
    await expect(services.lifecycle.propose(row.id, 'ada')).rejects.toMatchObject({ code: 'stateConflict' });
    await services.resources.replace(row.id, { 'web.yaml': 'kind: Pod\nspec: a: b\n' }, 'ada', ANY_VERSION);
    await expect(services.lifecycle.propose(row.id, 'ada')).rejects.toMatchObject({
      code: 'stateConflict',
      message: expect.stringMatching(/"web\.yaml": The file cannot be read as YAML: .*\(line 2\)\.$/) as string,
    });
    expect((await present(row.id)).lifecycle).toBe('draft');
  });

  it('does not propose the deletion of what others were cloned from, unless forced', async () => {
    const row = await inState('published');
    const clone = await actions.clone(row);
    await expect(services.lifecycle.proposeDeletion(row.id, { force: false }, someone('ada'))).rejects.toMatchObject({
      code: 'inUse',
      data: { usedBy: [clone.name] },
    });
    const forced = await services.lifecycle.proposeDeletion(row.id, { force: true }, someone('ada'));
    expect(forced.lifecycle).toBe('deletionProposed');
  });

  it.each(['edit', 'reject', 'delete', 'approve', 'propose'] as const)(
    'answers operationInProgress to %s while it is being published',
    async (action) => {
      const row = await inState('proposed');
      const operation = await services.approvals.approve(row.id, someone('grace'), ANY_VERSION);
      await expect(actions[action](row)).rejects.toMatchObject({
        code: 'operationInProgress',
        data: { operationId: operation.id },
      });
      await services.database.client.operation.update({ where: { id: operation.id }, data: { state: 'failed' } });
      expect((await services.lifecycle.reject(row.id, 'eve')).lifecycle).toBe('draft');
    },
  );

  it('knows stale ETags, and does not call one stale for a push in the background', async () => {
    const row = await inState('draft');
    const seen = etagOf(row);
    await services.database.client.packageRevision.update({ where: { id: row.id }, data: { commit: 'f'.repeat(40) } });
    const pushed = await present(row.id);
    expect(revisionEtag(pushed)).not.toBe(revisionEtag(row));
    const patched = await services.revisions.patch(row.id, { labels: { a: 'b' } }, 'ada', seen);
    expect(patched.labels).toEqual({ a: 'b' });
    const stale = { code: 'preconditionFailed', data: { currentEtag: revisionEtag(patched) } };
    await expect(services.lifecycle.propose(row.id, 'ada', seen)).rejects.toMatchObject(stale);
    await expect(services.lifecycle.delete(row.id, someone('ada'), seen)).rejects.toMatchObject(stale);
    await expect(services.revisions.patch(row.id, { labels: {} }, 'ada', seen)).rejects.toMatchObject(stale);
  });

  it('answers notFound for ids that never were', async () => {
    const id = '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c';
    await expect(services.lifecycle.propose(id, 'ada')).rejects.toMatchObject({ code: 'notFound' });
    await expect(services.revisions.get(id)).rejects.toMatchObject({ code: 'notFound' });
  });
});
