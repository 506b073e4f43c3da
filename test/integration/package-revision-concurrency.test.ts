import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Repository } from '../../src/database/generated/client.js';
import type { RevisionRow } from '../../src/revisions/package-revision.store.js';
import { revisionEtag } from '../../src/domain/revision-etag.js';
import {
  addRepository,
  createDraft,
  markPublished,
  markPushed,
  race,
  type RevisionServices,
  startRevisionServices,
} from '../support/revision-services.js';
import { someone } from '../support/callers.js';

let services: RevisionServices;
let repository: Repository;
let sequence = 0;

beforeAll(async () => {
  services = await startRevisionServices();
  repository = await addRepository(services.database);
});
afterAll(() => services.close());

const etagOf = (row: RevisionRow) => ({ ifMatch: `"${revisionEtag(row)}"` });
const present = async (id: string) => (await services.store.find(id)) as RevisionRow;
const operationsOf = (id: string) =>
  services.database.client.operation.findMany({ where: { revisionId: id }, orderBy: { id: 'asc' } });

async function inState(state: 'draft' | 'proposed' | 'deletionProposed'): Promise<RevisionRow> {
  sequence += 1;
  const draft = await markPushed(services, await createDraft(services, repository, { package: `p${sequence}` }));
  if (state === 'draft') return draft;
  const proposed = await services.lifecycle.propose(draft.id, 'ada');
  if (state === 'proposed') return markPushed(services, proposed);
  const published = await markPublished(services, proposed, 'v1');
  return markDeletionProposed(published);
}

async function markDeletionProposed(published: RevisionRow): Promise<RevisionRow> {
  await services.lifecycle.proposeDeletion(published.id, false, someone('ada'));
  await services.database.client.operation.deleteMany({ where: { revisionId: published.id } });
  return present(published.id);
}

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
