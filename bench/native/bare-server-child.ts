import { once } from 'node:events';
import { fastify } from 'fastify';
import pg from 'pg';
import type { Statement } from './statements.js';

process.on('disconnect', () => process.exit());
process.on('SIGINT', () => undefined);

const [start] = await once(process, 'message');
const { databaseUrl, cases } = start as { databaseUrl: string; cases: Statement[][] };
// As many connections as pkgserver has.
const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
const app = fastify();
app.get<{ Params: { index: string } }>('/:index', async ({ params }) => {
  let rows: Record<string, unknown>[] = [];
  for (const { text, values } of cases[Number(params.index)] ?? []) ({ rows } = await pool.query(text, values));
  return rows.map(readable);
});
process.send?.({ url: await app.listen({ host: '127.0.0.1', port: 0 }) });

/** Bytes as text: any server would send them so. */
const readable = (row: Record<string, unknown>): Record<string, unknown> =>
  'content' in row && Buffer.isBuffer(row.content) ? { ...row, content: row.content.toString() } : row;
