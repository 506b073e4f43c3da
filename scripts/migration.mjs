// npm run db:migration -- <name>   writes the next migration: what prisma/schema.prisma changed since the last commit
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '../dist/database/embedded-postgres.js';
import { schemaSql } from './schema-engine.mjs';

const folder = new URL('../prisma/migrations/', import.meta.url);
const schema = readFileSync(new URL('../prisma/schema.prisma', import.meta.url), 'utf8');
const [name = ''] = process.argv.slice(2);

if (/^[a-z0-9_]+$/.test(name)) {
  const committed = execFileSync('git', ['show', 'HEAD:prisma/schema.prisma'], { encoding: 'utf8' });
  const time = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14);
  write(`${time}_${name}`, await withServer((url) => schemaSql(url, schema, committed)));
} else fail('Say what changes: npm run db:migration -- add_events');

async function withServer(work) {
  const dataDir = mkdtempSync(join(tmpdir(), 'pkgserver-migration-'));
  const server = await EmbeddedPostgres.start(dataDir, { fsync: 'off' });
  try {
    return await work(server.url);
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true });
  }
}

function write(migration, sql) {
  if (sql === '') fail('Nothing to do: prisma/schema.prisma is as it was committed.');
  mkdirSync(new URL(migration, folder), { recursive: true });
  writeFileSync(new URL(`${migration}/migration.sql`, folder), sql);
  console.log(`Wrote prisma/migrations/${migration}/migration.sql: read it before you commit it.`);
  const digest = createHash('sha256').update(sql).digest('hex');
  console.log(
    'When it is final, this line goes to the end of src/database/landed-migrations.test.ts (after an edit, with its new SHA-256):',
  );
  console.log(`  ['${migration}', '${digest}'],`);
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
