import { describe, expect, it } from 'vitest';
import { race, RevisionServices } from '../support/revision-services.js';
import { someone } from '../support/service-callers.js';

const services = RevisionServices.create();
const { aPackageRevision, etagOf, operationsOf, present } = services;

const inState = (state: 'draft' | 'proposed' | 'deletionProposed') =>
  aPackageRevision({ state: state === 'draft' ? 'pushed' : state });

describe('eight at once', () => {
  const losers = (codes: string[], ...expected: string[]) => {
    expect(codes).toHaveLength(7);
    expect(codes.filter((code) => !expected.includes(code))).toEqual([]);
  };

  it('one edit wins', async () => {
    const row = await inState('draft');
    const { won, codes } = await race(8, (index) =>
      services.resources.patch(row.id, { 'a.txt': `writer ${index}` }, `w${index}`, { ifMatch: row.tree }),
    );
    expect(won).toHaveLength(1);
    losers(codes, 'preconditionFailed');
    expect(await present(row.id)).toMatchObject({ tree: won[0]?.tree, version: row.version + 1 });
  });

  it('one proposal wins', async () => {
    const row = await inState('draft');
    const { won, codes } = await race(8, () => services.lifecycle.propose(row.id, 'ada'));
    expect(won).toHaveLength(1);
    losers(codes, 'stateConflict');
  });

  it('one proposal with an ETag wins', async () => {
    const row = await inState('draft');
    const { won, codes } = await race(8, () => services.lifecycle.propose(row.id, 'ada', etagOf(row)));
    expect(won).toHaveLength(1);
    losers(codes, 'preconditionFailed');
  });

  it('one approval wins', async () => {
    const row = await inState('proposed');
    const { won, codes } = await race(8, () => services.approvals.approve(row.id, someone('ada'), etagOf(row)));
    expect(won).toHaveLength(1);
    losers(codes, 'operationInProgress');
    expect((await operationsOf(row.id)).map(({ kind }) => kind)).toEqual(['publish']);
  });

  it('one deletion of a draft wins', async () => {
    const row = await inState('draft');
    const { won, codes } = await race(8, () => services.lifecycle.delete(row.id, someone('ada'), etagOf(row)));
    expect(won).toHaveLength(1);
    expect(codes.filter((code) => code !== 'preconditionFailed' && code !== 'notFound')).toEqual([]);
    expect((await operationsOf(row.id)).map(({ kind }) => kind)).toEqual(['discard']);
  });

  it('one deletion of a published revision wins', async () => {
    const row = await inState('deletionProposed');
    const { won, codes } = await race(8, () => services.lifecycle.delete(row.id, someone('ada'), etagOf(row)));
    expect(won).toHaveLength(1);
    losers(codes, 'operationInProgress');
  });

  it('one of an edit and a proposal wins, and what is proposed is what was seen', async () => {
    const row = await inState('draft');
    const { won, codes } = await race<unknown>(8, (index) =>
      index % 2 === 0
        ? services.lifecycle.propose(row.id, 'ada', etagOf(row))
        : services.resources.patch(row.id, { 'a.txt': `writer ${index}` }, 'eve', { ifMatch: row.tree }),
    );
    expect(won).toHaveLength(1);
    losers(codes, 'preconditionFailed', 'stateConflict');
    const now = await present(row.id);
    expect(now.lifecycle === 'proposed' ? now.tree === row.tree : now.tree !== row.tree).toBe(true);
  });
});
