// Prisma's own schema engine as WebAssembly: what `prisma migrate` uses, without a binary to download.
import { readFile } from 'node:fs/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';

/** See schema-engine.d.mts. */
export async function schemaSql(url, after, before) {
  const engine = await startEngine(url, after);
  const { stdout } = await engine.diff({
    from: before === undefined ? { tag: 'empty' } : datamodel(before),
    to: datamodel(after),
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  return stdout.includes('This is an empty migration') ? '' : handFinish(stdout);
}

async function startEngine(url, schema) {
  const wasm = await readFile(new URL('schema_engine_bg.wasm', import.meta.resolve('@prisma/schema-engine-wasm')));
  const { instance } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: url }));
  return bindings.SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => {}, adapter);
}

const datamodel = (content) => ({ tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] });

/** What the schema language cannot say, or says too broadly. */
function handFinish(sql) {
  return (
    sql
      // Asks for a right on the whole database that the service's user need not have; the schema is always there.
      .replace('-- CreateSchema\nCREATE SCHEMA IF NOT EXISTS "public";\n\n', '')
      // Version keys sort by bytes, whatever the database's own collation is.
      .replaceAll(/("(?:\w+_)?version_key") TEXT/g, '$1 TEXT COLLATE "C"')
      .replace(/-- CreateIndex\nCREATE INDEX .* gin_trgm_ops\);/, (first) => `${ADD_TRIGRAMS}\n\n${first}`)
      .replaceAll(/CREATE INDEX .* gin_trgm_ops\);/g, whereTrigramsAre)
  );
}

// Trigrams are an extension: part of every PostgreSQL, yet the service's user may not be allowed to add it. Where it is
// not, there is no index for a part of a name, and such a list reads the names one by one.
const ADD_TRIGRAMS = `-- AddTrigrams
DO $$ BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_file THEN
  RAISE NOTICE 'pg_trgm cannot be added: %', SQLERRM;
END $$;`;

/** The extension may lie in a schema that is on no search path. */
const whereTrigramsAre = (
  createIndex,
) => `DO $$ DECLARE place text := (SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'pg_trgm');
BEGIN
  IF place IS NOT NULL THEN
    EXECUTE '${createIndex.slice(0, -1).replace('gin_trgm_ops', "' || place || '.gin_trgm_ops")}';
  END IF;
END $$;`;
