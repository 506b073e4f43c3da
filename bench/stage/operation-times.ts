import { figure } from '../report/table.js';
import { withClient } from './postgres.js';

/** Where the time of operations of one kind went, as their rows tell: medians, in words. */
export async function operationTimes(databaseUrl: string, kind: 'sync' | 'publish'): Promise<string> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ waited: number; worked: number; count: number }>(
      `SELECT count(*)::int AS count,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM started_at - created_at) * 1000) AS waited,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - started_at) * 1000) AS worked
       FROM operation WHERE kind = $1::"OperationKind" AND state = 'succeeded'`,
      [kind],
    ),
  );
  const { waited = 0, worked = 0 } = rows[0] ?? {};
  return `an operation waits ${figure(waited)} ms for a worker, which needs ${figure(worked)} ms; the rest is the answer`;
}
