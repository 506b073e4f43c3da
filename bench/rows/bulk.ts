import { allStatements } from '../native/statements.js';
import type { Result } from '../report/result.js';
import type { Api, OperationBody } from '../stage/api.js';
import type { Stage } from '../stage/stage.js';
import { type ApproveAll, approvals, approveOneByOne, measureTogether, onProposals } from './together.js';

/** As `together`, by one request; and the statements and transactions of that, beside those of single requests. */
export async function bulk(stage: Stage): Promise<Result[]> {
  const measured = await measureTogether(stage, 'bulk', approveByOne);
  const counted = async (what: string, approveAll: ApproveAll): Promise<string> => {
    let note = '';
    await onProposals(stage, 'bulk', `bulk-counted-${what.replaceAll(' ', '-')}`, async (api, ids) => {
      const statements = await allStatements(stage.postgres, () => approveAll(api, ids));
      const begun = statements.filter((statement) => /^BEGIN/i.test(statement)).length;
      note = `${what}: ${statements.length} statements, ${begun} transactions of several`;
    });
    return note;
  };
  const notes = [await counted('one request', approveByOne), await counted('single requests', approveOneByOne)];
  const work = `${approvals(stage)} drafts approved by one bulk request`;
  return [{ ...measured, work, notes: [...measured.notes, ...notes] }];
}

export async function approveByOne(api: Api, ids: readonly string[]): Promise<OperationBody[]> {
  const items = ids.map((id) => ({ id, etag: '*' }));
  const { body } = await api.send<OperationBody & { result: { items: { succeeded: number } } | null }>(
    'POST',
    '/package-revisions/bulk',
    { action: 'approve', items },
  );
  await api.finished(body);
  const { body: ended } = await api.send<typeof body>('GET', `/operations/${body.id}`);
  if (ended.result?.items.succeeded !== ids.length) throw new Error(`Not all: ${JSON.stringify(ended.result)}`);
  return [ended];
}
