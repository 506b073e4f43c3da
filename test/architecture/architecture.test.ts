import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSourceFiles, sourceFile } from './import-graph.js';
import { LAYERS } from './layers.js';
import { check, checkFile, type Rule, type Violation } from './rules.js';

const source = readSourceFiles();
const present = check(source);
const name = ({ rule, from, to }: Violation) => `${from} → ${to} (${rule})`;

describe('the imports of src', () => {
  it('follow the rules of layers.ts', () => {
    expect(present.map((violation) => `${violation.at}: ${name(violation)}`)).toEqual([]);
  });

  it('were all read', () => {
    expect(source.length).toBeGreaterThan(300);
    expect(source.flatMap(({ imports }) => imports).length).toBeGreaterThan(1_500);
    expect(source.filter(({ path, writes }) => path.startsWith('src/revisions/') && writes.length > 0)).not.toEqual([]);
  });
});

describe('OpenTelemetry', () => {
  it('is loaded by one import() alone, which a process without a collector never comes to', () => {
    const to = (pattern: RegExp) =>
      source.flatMap(({ path, imports }) => (imports.some((found) => pattern.test(found.to)) ? path : []));
    expect(to(/^@opentelemetry\//)).toEqual(['src/tracing/otlp-tracer.ts']);
    expect(to(/^src\/tracing\/otlp-tracer\.ts$/)).toEqual(['src/tracing/open-tracer.ts']);
    const lines = readFileSync('src/tracing/open-tracer.ts', 'utf8').split('\n');
    expect(lines.filter((line) => line.includes('otlp-tracer'))).toEqual([expect.stringContaining('await import(')]);
  });
});

/** [a file of this name, with this text, breaks this rule] */
const REFUSED: readonly (readonly [file: string, text: string, rule: Rule])[] = [
  ['src/domain/probe.ts', "import '../config/config.js';", 'layer'],
  ['src/domain/probe.ts', "import type { GitState } from '../database/generated/client.js';", 'layer'],
  ['src/domain/probe.ts', "import { z } from 'zod';", 'package'],
  ['src/domain/probe.ts', "import 'node:fs';", 'package'],
  ['src/features/packages/probe.ts', "import '../../git/javascript-git.js';", 'layer'],
  ['src/features/packages/probe.ts', "import '../../operations/engine/visitor.js';", 'layer'],
  ['src/features/packages/probe.ts', "const late = () => import('../../operations/engine/visitor.js');", 'layer'],
  ['src/features/packages/probe.ts', "export { push } from '../../git/port.js';", 'layer'],
  ['src/features/packages/probe.ts', "type Port = import('../../git/port.js').GitPort;", 'layer'],
  ['src/features/packages/probe.schema.ts', "import '../../operations/engine/visitor.js';", 'layer'],
  ['src/features/packages/probe.schema.ts', "import { Database } from '../../database/database.js';", 'role'],
  ['src/features/packages/probe.schema.ts', "import './package.service.js';", 'role'],
  ['src/features/packages/probe.controller.ts', "import '../../operations/engine/visitor.js';", 'layer'],
  ['src/features/packages/probe.controller.ts', "import '../../revisions/package.store.js';", 'role'],
  ['src/features/packages/probe.controller.ts', "import '../../database/database.js';", 'role'],
  ['src/features/packages/probe.service.ts', "import type { Package } from './package.schema.js';", 'role'],
  ['src/features/packages/probe.service.ts', "import '../../http/reply.js';", 'role'],
  ['src/features/packages/probe.service.ts', "import '../repositories/repository.store.js';", 'role'],
  ['src/features/packages/probe.service.ts', "import '@nestjs/swagger';", 'package'],
  ['src/features/packages/probe.service.ts', "import 'fastify';", 'package'],
  ['src/features/packages/probe.store.ts', "import './package.service.js';", 'role'],
  ['src/features/packages/probe.ts', "import 'isomorphic-git';", 'package'],
  ['src/features/packages/probe.ts', "import 'left-pad';", 'package'],
  ['src/features/packages/probe.ts', "import { PrismaClient } from '../../database/generated/client.js';", 'client'],
  ['src/features/packages/probe.service.ts', "import { Prisma } from '../../database/generated/client.js';", 'client'],
  ['src/features/packages/probe.ts', "import * as all from '../../database/generated/client.js';", 'client'],
  ['src/http/probe.ts', "import '../git/port.js';", 'layer'],
  ['src/http/probe.ts', "import '../operations/outbox.js';", 'layer'],
  ['src/http/probe.ts', "import '../jobs/outbox.js';", 'layer'],
  ['src/http/probe.ts', "import '../features/packages/package.view.js';", 'layer'],
  ['src/http/probe.ts', "import type { Operation } from '../database/generated/client.js';", 'layer'],
  ['src/operations/probe.ts', "import '../http/problem.js';", 'layer'],
  ['src/operations/probe.ts', "import '../features/packages/package.service.js';", 'layer'],
  ['src/operations/probe.ts', "import 'bullmq';", 'package'],
  ['src/operations/probe.ts', "import 'pg';", 'package'],
  ['src/revisions/probe.ts', "import '../operations/engine/group.js';", 'layer'],
  ['src/content/probe.ts', "import '../git/port.js';", 'layer'],
  ['src/git/probe.ts', "import '../database/database.js';", 'layer'],
  ['src/audit/probe.ts', "import '../http/reply.js';", 'layer'],
  ['src/krm/probe.ts', "import '../database/database.js';", 'layer'],
  ['src/database/probe.ts', "import '../queue/doorbell.js';", 'layer'],
  ['src/queue/probe.ts', "import '../git/port.js';", 'layer'],
  ['src/access/probe.ts', "import '../http/problem.js';", 'layer'],
  ['src/logging/probe.ts', "import '../service.js';", 'layer'],
  ['src/campaigns/probe.ts', "import './campaign.js';", 'layer'],
  ['src/operations/probe.ts', 'sql`UPDATE package_revision SET branch = ${x}`', 'border'],
  [
    'src/operations/probe.ts',
    'sql`WITH gone AS (DELETE FROM\n  "approval" a WHERE a.id = ${x} RETURNING 1) SELECT 1`',
    'border',
  ],
  ['src/operations/probe.ts', 'sql`INSERT INTO revision_counter (path) VALUES (${x})`', 'border'],
  ['src/operations/probe.ts', 'sql`merge into ONLY public.package p USING x ON p.id = x.id`', 'border'],
  ['src/operations/probe.ts', "run('TRUNCATE TABLE package CASCADE');", 'border'],
  ['src/operations/probe.ts', "await insertRows(database, 'package_revision', rows);", 'border'],
  ['src/operations/probe.ts', "sql`UPDATE ${Prisma.raw('approval')} SET state = 1`;", 'border'],
  ['src/operations/probe.ts', 'await database.client.packageRevision.update({ where, data });', 'border'],
  ['src/operations/probe.ts', "await client['revisionCounter'].upsert(x);", 'border'],
  ['src/operations/probe.ts', 'await client.repository.update({ data: { packages: { deleteMany: {} } } });', 'border'],
];

const ALLOWED: readonly (readonly [file: string, text: string])[] = [
  ['src/domain/probe.ts', "import './errors.js';\nimport 'node:crypto';"],
  ['src/git/probe.ts', "import 'isomorphic-git';\nimport 'undici';\nimport '../domain/errors.js';"],
  ['src/queue/probe.ts', "import 'bullmq';"],
  ['src/audit/probe.ts', "import '../database/database.js';\nimport '../logging/request-context.js';"],
  ['src/database/probe.ts', "import 'pg';\nimport { PrismaClient } from './generated/client.js';"],
  ['src/content/probe.ts', "import '../git/objects/git-hash.js';"],
  ['src/features/packages/probe.ts', "import '../../database/database.js';\nimport '../../domain/errors.js';"],
  ['src/features/packages/probe.service.ts', "import type { Package } from '../../database/generated/client.js';"],
  ['src/features/packages/probe.service.ts', "import { type Prisma } from '../../database/generated/client.js';"],
  ['src/features/packages/probe.service.ts', "import '../../revisions/package.store.js';"],
  ['src/features/packages/probe.service.ts', "import '../repositories/repository.service.js';"],
  ['src/features/packages/probe.store.ts', "import { Prisma } from '../../database/generated/client.js';"],
  ['src/features/packages/probe.schema.ts', "import '@nestjs/swagger';\nimport { z } from 'zod';"],
  ['src/features/packages/probe.controller.ts', "import '../../http/endpoint.js';\nimport './package.service.js';"],
  ['src/main.ts', "import './operations/engine/visitor.js';\nimport './features/packages/package.module.js';"],
  ['src/revisions/probe.ts', 'sql`UPDATE package_revision SET x = 1`;\nclient.approval.delete({});'],
  ['src/operations/probe.ts', 'sql`SELECT * FROM package_revision r FOR UPDATE OF r`;\nclient.package.findMany();'],
  ['src/operations/probe.ts', 'sql`UPDATE package_tree SET x = 1`;\nclient.operation.update({});'],
  [
    'src/operations/probe.ts',
    '// UPDATE package_revision is what src/revisions does\nexport const approvals = { revisions: { some: 1 } };',
  ],
];

describe('the rules', () => {
  const rulesBroken = (path: string, text: string) => checkFile(sourceFile(path, text)).map(({ rule }) => rule);

  it.each(REFUSED)('refuse in %s: %s', (path, text, rule) => {
    expect(rulesBroken(path, text)).toContain(rule);
  });

  it.each(ALLOWED)('allow in %s: %s', (path, text) => {
    expect(rulesBroken(path, text)).toEqual([]);
  });

  const folders = Object.keys(LAYERS);

  it.each(folders)('let src/%s import each other folder only where the matrix says so', (from) => {
    const others = folders.filter((to) => to !== from);
    const imports = others.map((to) => `import '../${to}/probe.js';`).join('\n');
    const refused = checkFile(sourceFile(`src/${from}/probe.ts`, imports)).map(({ to }) => to.split('/')[1]);
    expect(refused).toEqual(others.filter((to) => !LAYERS[from]?.includes(to)));
  });

  it('find the ring that one import closes', () => {
    const closing = sourceFile('src/database/probe.ts', "import '../content/content.store.js';");
    expect(check([...source, closing]).map(name)).toContain('src/database → src/content (ring)');
  });

  it('find a ring of three subfolders, and name each of its arrows', () => {
    const ring = [
      sourceFile('src/git/a/probe.ts', "import '../b/probe.js';"),
      sourceFile('src/git/b/probe.ts', "import '../c/probe.js';"),
      sourceFile('src/git/c/probe.ts', "import '../a/probe.js';\nimport '../d/probe.js';"),
    ];
    expect(check(ring).map(name)).toEqual([
      'src/git/a → src/git/b (ring)',
      'src/git/b → src/git/c (ring)',
      'src/git/c → src/git/a (ring)',
    ]);
  });

  it('let a folder and its subfolder import each other', () => {
    const both = [
      sourceFile('src/git/probe.ts', "import './packs/pack-file.js';"),
      sourceFile('src/git/packs/probe.ts', "import '../port.js';"),
    ];
    expect(check(both)).toEqual([]);
  });
});
