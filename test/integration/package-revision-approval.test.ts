import { describe, expect, it } from 'vitest';
import type { Caller } from '../../src/access/caller.js';
import type { Operation, Prisma, Repository } from '../../src/database/generated/client.js';
import { ANY_VERSION } from '../../src/domain/precondition.js';
import type { GivenPolicy } from '../../src/domain/release-policy.js';
import type { RevisionRow } from '../../src/revisions/revision-row.js';
import { someone, verified } from '../support/service-callers.js';
import { addRepository } from '../support/index-rows.js';
import { race, RevisionServices } from '../support/revision-services.js';

let sequence = 0;

const services = RevisionServices.create();
const { etagOf, present } = services;

const [ada, bob, grace, henk, ines] = ['ada', 'bob', 'grace', 'henk', 'ines'].map((user) => verified(user)) as [
  Caller,
  Caller,
  Caller,
  Caller,
  Caller,
];
const root = verified('root', { role: 'admin' });
const publishOperations = (id: string) =>
  services.database.client.operation.findMany({ where: { revisionId: id, kind: 'publish' } });
const approvalsOf = (id: string) =>
  services.database.client.approval.findMany({ where: { revisionId: id }, orderBy: { id: 'asc' } });
const stateOf = (id: string, caller = grace) => services.approvals.stateOf(id, caller);
const edit = (id: string, user: string, content = `${Math.random()}`) =>
  services.resources.patch(id, { 'a.txt': { content } }, user, ANY_VERSION);
const repositoryWith = (policy: GivenPolicy = {}, deployment = true): Promise<Repository> =>
  addRepository(services.database, { deployment, policy: policy as Prisma.InputJsonObject });

async function draftIn(repository: Repository, creator = 'ada'): Promise<RevisionRow> {
  sequence += 1;
  const request = { package: `p${sequence}`, ...(repository.deployment && { target: 'edge' }) };
  const row = await services.createDraft(repository, request);
  await services.database.client.packageRevision.update({ where: { id: row.id }, data: { createdBy: creator } });
  return services.markPushed(row);
}

/** By ada, edited by her too, and proposed by her. */
async function proposal(policy: GivenPolicy = {}, deployment = true): Promise<RevisionRow> {
  const draft = await draftIn(await repositoryWith(policy, deployment));
  await edit(draft.id, 'ada');
  return services.lifecycle.propose(draft.id, 'ada');
}

const approve = (row: RevisionRow, caller: Caller, request?: Parameters<typeof services.approvals.approve>[3]) =>
  services.approvals.approve(row.id, caller, ANY_VERSION, request);

async function reworked(row: RevisionRow, user = 'ada', proposer = 'ada'): Promise<RevisionRow> {
  await services.lifecycle.reject(row.id, 'grace');
  await edit(row.id, user);
  return services.lifecycle.propose(row.id, proposer);
}

describe('own work', () => {
  it.each([
    ['whoever created it', 'ada', 'bob', 'ines', ada, ['creator']],
    ['whoever edited it', 'ada', 'bob', 'ines', bob, ['editors']],
    ['whoever proposed it', 'ada', 'bob', 'ines', ines, ['proposer']],
    ['whoever did it all', 'ada', 'ada', 'ada', ada, ['creator', 'editors', 'proposer']],
  ])('cannot be approved by %s', async (_, creator, editor, proposer, caller, authorship) => {
    const draft = await draftIn(await repositoryWith(), creator);
    await edit(draft.id, editor);
    const row = await services.lifecycle.propose(draft.id, proposer);
    await expect(approve(row, caller)).rejects.toMatchObject({ code: 'selfApproval', data: { authorship } });
    expect(await approvalsOf(row.id)).toEqual([]);
    expect(await publishOperations(row.id)).toEqual([]);
    expect(await approve(row, grace)).toMatchObject({
      kind: 'publish',
      payload: { tree: row.tree, approvedBy: 'grace', approvers: ['grace'] },
    });
  });

  it('can in a catalog, and where nobody is told from anybody', async () => {
    const inCatalog = await proposal({}, false);
    expect(await approve(inCatalog, ada)).toMatchObject({ kind: 'publish' });
    const unverified = await proposal();
    expect(await approve(unverified, someone('ada'))).toMatchObject({ kind: 'publish' });
  });

  it('is as the repository says', async () => {
    const strict = await proposal({ selfApproval: false }, false);
    await expect(approve(strict, ada)).rejects.toMatchObject({ code: 'selfApproval' });
    const easy = await proposal({ selfApproval: true });
    expect(await approve(easy, ada)).toMatchObject({ kind: 'publish' });
    const byOthers = await draftIn(await repositoryWith({ authors: ['editors'] }));
    const row = await services.lifecycle.propose(byOthers.id, 'ada');
    expect(await approve(row, ada)).toMatchObject({ kind: 'publish' });
  });

  it('stays own work when others edit and propose it after', async () => {
    const draft = await draftIn(await repositoryWith());
    await edit(draft.id, 'bob');
    await edit(draft.id, 'ines');
    const row = await services.lifecycle.propose(draft.id, 'henk');
    for (const caller of [ada, bob, ines, henk]) {
      await expect(approve(row, caller)).rejects.toMatchObject({ code: 'selfApproval' });
    }
  });

  it('is found by the e-mail address of a Git author', async () => {
    const row = await proposal();
    const editors = ['Grace H.', 'Grace@Example.com'];
    await services.database.client.packageRevision.update({ where: { id: row.id }, data: { editors } });
    await expect(approve(row, verified('gh', { email: 'grace@example.com' }))).rejects.toMatchObject({
      code: 'selfApproval',
    });
    expect(await approve(row, verified('gh', { email: 'other@example.com' }))).toMatchObject({ kind: 'publish' });
  });

  it('knows no editor where nothing was changed', async () => {
    const row = await draftIn(await repositoryWith());
    await services.resources.patch(row.id, {}, 'bob', ANY_VERSION);
    expect(await present(row.id)).toEqual(row);
    expect(row.editors).toEqual([]);
  });

  it('includes content that was taken over from the remote', async () => {
    const draft = await draftIn(await repositoryWith());
    const other = await draftIn(await repositoryWith());
    const { tree } = await edit(other.id, 'zoe');
    await services.database.client.packageRevision.update({
      where: { id: draft.id },
      data: { gitState: 'conflict', conflictTree: tree, conflictCommit: 'c'.repeat(40) },
    });
    await services.conflicts.resolve(draft.id, 'remote', 'bob', ANY_VERSION);
    const row = await services.lifecycle.propose(draft.id, 'ada');
    expect(row).toMatchObject({ tree, editors: ['bob'] });
    await expect(approve(row, bob)).rejects.toMatchObject({ code: 'selfApproval' });
  });
});

describe('approvals', () => {
  it('may name the content that they are for, whatever else changes of the revision meanwhile', async () => {
    const row = await proposal({ requiredApprovals: 2 });
    const seen = { ifMatch: `"${row.tree}"` };
    const label = (value: string) => services.revisions.patch(row.id, { labels: { a: value } }, 'ada', ANY_VERSION);
    await label('one');
    expect(await services.approvals.approve(row.id, grace, seen)).toMatchObject({ lifecycle: 'proposed' });
    await label('two');
    expect(await services.approvals.approve(row.id, henk, seen)).toMatchObject({ kind: 'publish' });

    const other = await proposal();
    const changed = await reworked(other);
    expect(changed.tree).not.toBe(other.tree);
    const stale = services.approvals.approve(other.id, grace, { ifMatch: `"${other.tree}"` });
    await expect(stale).rejects.toMatchObject({ code: 'preconditionFailed' });
  });

  it('publish with the last that is needed, and not before', async () => {
    const row = await proposal({ requiredApprovals: 3 });
    const first = await services.approvals.approve(row.id, grace, etagOf(row), { comment: 'Looks right.' });
    expect(first).toMatchObject({ lifecycle: 'proposed', version: row.version + 1 });
    await expect(services.approvals.approve(row.id, henk, etagOf(row))).rejects.toMatchObject({
      code: 'preconditionFailed',
    });
    const second = await services.approvals.approve(row.id, henk, etagOf(first as RevisionRow));
    expect(second).toMatchObject({ lifecycle: 'proposed', version: row.version + 2 });
    expect(await publishOperations(row.id)).toEqual([]);
    expect(await stateOf(row.id)).toMatchObject({ required: 3, missing: 1, gates: [] });
    const third = (await services.approvals.approve(row.id, ines, etagOf(second as RevisionRow))) as Operation;
    const given = await approvalsOf(row.id);
    expect(given.map(({ approvedBy, tree, comment }) => [approvedBy, tree, comment])).toEqual([
      ['grace', row.tree, 'Looks right.'],
      ['henk', row.tree, null],
      ['ines', row.tree, null],
    ]);
    expect(third).toMatchObject({
      kind: 'publish',
      requestedBy: 'ines',
      payload: {
        tree: row.tree,
        approvedBy: 'ines',
        approvers: ['grace', 'henk', 'ines'],
        approvalIds: given.map(({ id }) => id),
      },
    });
  });

  it('of one person count once', async () => {
    const row = await proposal({ requiredApprovals: 2 });
    const first = await approve(row, grace);
    expect(await approve(row, grace)).toEqual(first);
    expect(await approve(row, verified('Grace'))).toEqual(first);
    expect(await approvalsOf(row.id)).toHaveLength(1);
    expect(await stateOf(row.id)).toMatchObject({ missing: 1 });
  });

  it('do nothing in a rehearsal', async () => {
    const row = await proposal({ requiredApprovals: 2 });
    await services.database.rehearse(() => approve(row, grace));
    expect(await approvalsOf(row.id)).toEqual([]);
  });

  it.each([
    ['an edit', (row: RevisionRow) => reworked(row), 'rejected'],
    [
      'a rejection',
      async (row: RevisionRow) => {
        await services.lifecycle.reject(row.id, 'ada');
        return services.lifecycle.propose(row.id, 'ada');
      },
      'rejected',
    ],
  ])('are void after %s', async (_, change, invalidReason) => {
    const row = await proposal({ requiredApprovals: 2 });
    await approve(row, grace);
    const again = await change(row);
    const { missing, approvals } = await stateOf(row.id);
    expect(missing).toBe(2);
    expect(approvals.map(({ notCounted }) => notCounted)).toEqual([invalidReason]);
    expect(await approve(again, henk)).toMatchObject({ lifecycle: 'proposed' });
    expect(await approve(again, grace)).toMatchObject({ kind: 'publish', payload: { approvers: ['henk', 'grace'] } });
  });

  it('do not come back with the content they were for', async () => {
    const row = await proposal({ requiredApprovals: 2 });
    await approve(row, grace);
    const before = (await services.resources.read(row.id, 'draft')).files['a.txt']?.content;
    await reworked(row);
    await services.lifecycle.reject(row.id, 'ada');
    await edit(row.id, 'ada', before);
    const back = await services.lifecycle.propose(row.id, 'ada');
    expect(back.tree).toBe(row.tree);
    expect(await approve(back, henk)).toMatchObject({ lifecycle: 'proposed' });
    expect(await stateOf(row.id)).toMatchObject({ missing: 1 });
  });

  it('given under another policy are judged by the present one', async () => {
    const repository = await repositoryWith({ requiredApprovals: 2, selfApproval: true });
    const draft = await draftIn(repository);
    const row = await services.lifecycle.propose(draft.id, 'ada');
    await approve(row, ada);
    await services.database.client.repository.update({
      where: { id: repository.id },
      data: { policy: { requiredApprovals: 2, selfApproval: false } },
    });
    expect((await stateOf(row.id)).approvals).toMatchObject([{ notCounted: 'ownWork' }]);
    expect(await approve(row, grace)).toMatchObject({ lifecycle: 'proposed' });
    expect(await approve(row, henk)).toMatchObject({ kind: 'publish', payload: { approvers: ['grace', 'henk'] } });
  });
});

describe('withdrawal', () => {
  it('takes an approval back; the one who gave it may give it again', async () => {
    const row = await proposal({ requiredApprovals: 2 });
    const first = (await approve(row, grace)) as RevisionRow;
    const [given] = await approvalsOf(row.id);
    await services.approvals.withdraw(row.id, given?.id as string, grace, etagOf(first));
    expect((await stateOf(row.id)).approvals).toMatchObject([{ notCounted: 'withdrawn' }]);
    expect((await present(row.id)).version).toBe(first.version + 1);
    await services.approvals.withdraw(row.id, given?.id as string, grace, ANY_VERSION);
    expect(await approve(row, henk)).toMatchObject({ lifecycle: 'proposed' });
    expect(await approve(row, grace)).toMatchObject({ kind: 'publish' });
  });

  it('is for its owner and administrators', async () => {
    const row = await proposal({ requiredApprovals: 2 });
    await approve(row, grace);
    const [given] = await approvalsOf(row.id);
    const id = given?.id as string;
    await expect(services.approvals.withdraw(row.id, id, henk, ANY_VERSION)).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(services.approvals.withdraw(row.id, row.id, grace, ANY_VERSION)).rejects.toMatchObject({
      code: 'notFound',
    });
    await services.approvals.withdraw(row.id, id, root, ANY_VERSION);
    expect(await stateOf(row.id)).toMatchObject({ missing: 2 });
  });

  it('comes too late once it is being published', async () => {
    const row = await proposal();
    await approve(row, grace);
    const [given] = await approvalsOf(row.id);
    await expect(services.approvals.withdraw(row.id, given?.id as string, grace, ANY_VERSION)).rejects.toMatchObject({
      code: 'operationInProgress',
    });
    await services.markPublished(await present(row.id), 'v1');
    await expect(services.approvals.withdraw(row.id, given?.id as string, grace, ANY_VERSION)).rejects.toMatchObject({
      code: 'stateConflict',
    });
    expect(await stateOf(row.id)).toMatchObject({ missing: 0, approvals: [{ notCounted: null }] });
  });

  it('does not make own work approvable', async () => {
    const row = await proposal({ requiredApprovals: 2 });
    await approve(row, grace);
    const again = await reworked(row, 'grace');
    await expect(approve(again, grace)).rejects.toMatchObject({ code: 'selfApproval' });
    expect((await stateOf(row.id)).approvals).toMatchObject([{ notCounted: 'rejected' }]);
  });
});

describe('all at once', () => {
  it('two approvals give one publication', async () => {
    const row = await proposal({ requiredApprovals: 2 });
    const { won, codes } = await race(6, (index) => approve(row, verified(`approver-${index}`)));
    expect(won.filter((result) => 'kind' in result)).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set(['operationInProgress']));
    expect(await publishOperations(row.id)).toHaveLength(1);
  });

  it('one and the same person is never two', async () => {
    const row = await proposal({ requiredApprovals: 2 });
    await race(6, () => approve(row, grace));
    expect(await approvalsOf(row.id)).toHaveLength(1);
    expect(await publishOperations(row.id)).toEqual([]);
  });

  it.each(Array.from({ length: 6 }, (_, index) => index))(
    'approve, withdraw and reject leave no doubt (%i)',
    async () => {
      const row = await proposal({ requiredApprovals: 2 });
      await approve(row, grace);
      const [given] = await approvalsOf(row.id);
      const attempts = [
        () => services.approvals.withdraw(row.id, given?.id as string, grace, ANY_VERSION),
        () => approve(row, henk),
        () => services.lifecycle.reject(row.id, 'ines'),
      ];
      await race(3, (index) => (attempts[index] as () => Promise<unknown>)());
      const operations = await publishOperations(row.id);
      const counted = (await stateOf(row.id)).approvals.filter(({ notCounted }) => notCounted === null);
      const { lifecycle } = await present(row.id);
      if (operations.length > 0) {
        expect([operations.length, counted.length, lifecycle]).toEqual([1, 2, 'proposed']);
      } else {
        expect(counted.length).toBeLessThan(2);
      }
    },
  );

  it.each(Array.from({ length: 6 }, (_, index) => index))('an edit is never published unseen (%i)', async () => {
    const row = await proposal();
    const rework = async () => {
      await services.lifecycle.reject(row.id, 'ines');
      await edit(row.id, 'grace');
      return services.lifecycle.propose(row.id, 'ada');
    };
    await Promise.allSettled([rework(), approve(row, grace), approve(row, grace)]);
    for (const { payload } of await publishOperations(row.id)) expect(payload).toMatchObject({ tree: row.tree });
    const now = await present(row.id);
    if (now.tree !== row.tree) expect(await publishOperations(row.id)).toEqual([]);
  });
});

describe('readiness gates', () => {
  const KPTFILE = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\ninfo:\n  readinessGates:\n';
  const pass = (
    row: { id: string },
    type: string,
    caller = verified('scanner', { role: 'checker' }),
    seen = ANY_VERSION,
  ) => services.conditions.set(row.id, type, { status: 'True', reason: 'Passed', message: '' }, caller, seen);

  async function gated(): Promise<RevisionRow> {
    const draft = await draftIn(await repositoryWith({ readinessGates: ['example.com/scanned'] }));
    const content = `${KPTFILE}    - conditionType: tested\n`;
    await services.resources.patch(draft.id, { Kptfile: { content } }, 'ada', ANY_VERSION);
    return services.lifecycle.propose(draft.id, 'ada');
  }

  it('hold an approval back with the list of what is missing', async () => {
    const row = await gated();
    await pass(row, 'tested');
    await expect(approve(row, grace)).rejects.toMatchObject({
      code: 'gatesNotMet',
      data: { missing: [{ type: 'example.com/scanned', status: 'Unknown', reason: 'NotSet' }] },
    });
    expect(await approvalsOf(row.id)).toEqual([]);
    expect((await stateOf(row.id)).gates).toMatchObject([
      { type: 'example.com/scanned', met: false },
      { type: 'tested', met: true },
    ]);
    await services.conditions.set(
      row.id,
      'example.com/scanned',
      { status: 'False', reason: 'Found', message: 'CVE' },
      verified('scanner', { role: 'checker' }),
      ANY_VERSION,
    );
    await expect(approve(row, grace)).rejects.toMatchObject({
      data: { missing: [{ type: 'example.com/scanned', status: 'False', reason: 'Found' }] },
    });
    await pass(row, 'example.com/scanned');
    // What a checker says makes no approver's look at the content stale.
    expect(await services.approvals.approve(row.id, grace, etagOf(row))).toMatchObject({
      kind: 'publish',
      payload: { gates: ['example.com/scanned', 'tested'] },
    });
  });

  it('count for the content they were set for alone', async () => {
    const row = await gated();
    await pass(row, 'tested');
    await pass(row, 'example.com/scanned', undefined, { ifMatch: `"${row.tree}"` });
    const again = await reworked(row);
    await expect(approve(again, grace)).rejects.toMatchObject({
      data: { missing: [{ reason: 'ContentChanged' }, { reason: 'ContentChanged' }] },
    });
    await expect(pass(row, 'tested', undefined, { ifMatch: `"${row.tree}"` })).rejects.toMatchObject({
      code: 'preconditionFailed',
    });
    await expect(pass(row, 'tested', undefined, etagOf(row))).rejects.toMatchObject({ code: 'preconditionFailed' });
    await pass(row, 'tested', undefined, etagOf(again));
    expect((await stateOf(row.id)).gates).toMatchObject([{ met: false }, { met: true }]);
  });

  it('are not opened by authors, but by administrators', async () => {
    const row = await gated();
    await expect(pass(row, 'tested', ada)).rejects.toMatchObject({ code: 'selfApproval' });
    await pass(row, 'tested', verified('ada', { role: 'admin' }));
    await pass(await proposal({}, false), 'tested', ada);
  });

  it('take well-formed types, 64 of them, until publication', async () => {
    const row = await gated();
    await expect(pass(row, 'not a type')).rejects.toMatchObject({ code: 'invalidName' });
    for (let index = 0; index < 64; index += 1) await pass(row, `check-${index}`);
    await expect(pass(row, 'one-more')).rejects.toMatchObject({ code: 'invalidBody' });
    await pass(row, 'check-0');
    await services.conditions.remove(row.id, 'check-0', ANY_VERSION);
    await services.conditions.remove(row.id, 'check-0', ANY_VERSION);
    await pass(row, 'one-more');
    await services.markPublished(row, 'v1');
    await expect(pass(row, 'check-1')).rejects.toMatchObject({ code: 'stateConflict' });
  });

  it('keep the time of the last change of status', async () => {
    const row = await gated();
    const { condition: first } = await pass(row, 'tested');
    const { condition: second } = await pass(row, 'tested');
    expect(second).toEqual(first);
    expect(first).toMatchObject({ type: 'tested', tree: row.tree });
  });
});

describe('break-glass', () => {
  const breakGlass = { reason: 'Outage  4711\n nobody is awake' };

  it('is for administrators, and skips authorship, number and gates', async () => {
    const row = await proposal({ requiredApprovals: 3, readinessGates: ['scanned'] });
    await expect(approve(row, grace, { breakGlass })).rejects.toMatchObject({
      code: 'forbidden',
      data: { permission: 'packageRevisions.breakGlass' },
    });
    const operation = await approve(row, verified('ada', { role: 'admin' }), { breakGlass });
    expect(operation).toMatchObject({
      kind: 'publish',
      payload: { approvedBy: 'ada', approvers: ['ada'], breakGlass: { reason: 'Outage 4711 nobody is awake' } },
    });
    expect((await present(row.id)).breakGlass).toBeNull();
    // Where the publication fails, the proposal needs what it needed before.
    expect(await approvalsOf(row.id)).toMatchObject([{ approvedBy: 'ada', breakGlass: true, voidedAt: null }]);
    expect(await stateOf(row.id)).toMatchObject({ missing: 3, approvals: [{ notCounted: 'breakGlass' }] });
  });

  it('still needs a proposal', async () => {
    const draft = await draftIn(await repositoryWith());
    await expect(approve(draft, root, { breakGlass })).rejects.toMatchObject({ code: 'stateConflict' });
  });
});

describe('deletion of what is published', () => {
  async function deletion(deployment: boolean, proposer: string): Promise<RevisionRow> {
    const row = await services.markPublished(await proposal({}, deployment), 'v1');
    await services.lifecycle.proposeDeletion(row.id, { force: false }, someone(proposer));
    await services.database.client.operation.deleteMany({ where: { revisionId: row.id } });
    return present(row.id);
  }

  it('takes a second person where self-approval does not count', async () => {
    const row = await deletion(true, 'bob');
    await expect(services.lifecycle.delete(row.id, bob, ANY_VERSION)).rejects.toMatchObject({ code: 'selfApproval' });
    expect(await services.lifecycle.delete(row.id, ada, ANY_VERSION)).toMatchObject({ kind: 'delete' });
  });

  it('takes one elsewhere', async () => {
    const row = await deletion(false, 'bob');
    expect(await services.lifecycle.delete(row.id, bob, ANY_VERSION)).toMatchObject({ kind: 'delete' });
  });

  it('takes a proposal that somebody is known to have made', async () => {
    const row = await deletion(true, 'bob');
    await services.database.client.packageRevision.update({ where: { id: row.id }, data: { proposedBy: null } });
    await expect(services.lifecycle.delete(row.id, ada, ANY_VERSION)).rejects.toMatchObject({ code: 'selfApproval' });
    await services.lifecycle.rejectDeletion(row.id, 'ada');
    await services.lifecycle.proposeDeletion(row.id, { force: false }, someone('bob'));
    expect(await services.lifecycle.delete(row.id, ada, ANY_VERSION)).toMatchObject({ kind: 'delete' });
  });
});
