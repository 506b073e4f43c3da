import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';

/** [a file at this place, may not hold this line] */
const WRONG: [file: string, line: string][] = [
  ['src/domain/probe.ts', "import '../config/config.js';"],
  ['src/domain/probe.ts', "import 'zod';"],
  ['src/domain/probe.ts', "import 'node:fs';"],
  ['src/features/packages/probe.ts', "import '../../git/isomorphic-git.js';"],
  ['src/features/packages/probe.ts', "import '../../operations/engine/visitor.js';"],
  ['src/features/packages/probe.ts', "import 'isomorphic-git';"],
  [
    'src/features/packages/probe.ts',
    "import { PrismaClient } from '../../database/generated/client.js';\nnew PrismaClient();",
  ],
  ['src/features/packages/probe.service.ts', "import '@nestjs/swagger';"],
  ['src/features/packages/probe.service.ts', "import 'fastify';"],
  ['src/features/packages/probe.controller.ts', "import '../../database/database.js';"],
  ['src/http/probe.ts', "import '../git/port.js';"],
  ['src/http/probe.ts', "import '../features/packages/package.store.js';"],
  ['src/operations/probe.ts', "import '../http/problem.js';"],
  ['src/operations/probe.ts', "import '../features/packages/package.store.js';"],
  ['src/audit/probe.ts', "import '../http/reply.js';"],
  ['src/audit/probe.ts', "import '../features/packages/package.store.js';"],
  ['src/audit/probe.ts', "import '../operations/operation.js';"],
  ['src/operations/probe.ts', "import 'bullmq';"],
  ['src/operations/probe.ts', "import 'pg';"],
  ['src/krm/probe.ts', "import '../database/database.js';"],
  ['src/git/probe.ts', "import '../operations/outbox.js';"],
  ['src/git/probe.ts', 'export const home = process.env.HOME;'],
  ['src/database/probe.ts', "import '../queue/doorbell.js';"],
  ['src/queue/probe.ts', "import '../git/port.js';"],
  ['src/access/probe.ts', "import '../http/problem.js';"],
];

const RIGHT: [file: string, line: string][] = [
  ['src/domain/probe.ts', "import './errors.js';\nimport 'node:crypto';"],
  ['src/git/probe.ts', "import 'isomorphic-git';\nimport 'undici';"],
  ['src/queue/probe.ts', "import 'bullmq';"],
  [
    'src/audit/probe.ts',
    "import '../database/database.js';\nimport '../domain/uuid.js';\nimport '../logging/request-context.js';",
  ],
  ['src/database/probe.ts', "import 'pg';"],
  ['src/features/packages/probe.ts', "import '../../database/database.js';\nimport '../../domain/errors.js';"],
  ['src/features/packages/probe.schema.ts', "import '@nestjs/swagger';"],
  ['src/config/probe.ts', 'export const home = process.env.HOME;'],
];

function lint(file: string): string {
  try {
    return execFileSync('node_modules/.bin/oxlint', ['--format=unix', file], { encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe('the arrows between the folders', () => {
  let made: string | undefined;
  const write = (file: string, line: string) => {
    made = file.replace('probe', `probe-${process.pid}`);
    writeFileSync(made, `${line}\n`, { flag: 'wx' });
    return made;
  };
  afterEach(() => {
    if (made) rmSync(made, { force: true });
  });

  it.each(WRONG)('%s may not: %s', (file, line) => {
    expect(lint(write(file, line))).toMatch(/no-restricted-imports|no-process-env/);
  });

  it.each(RIGHT)('%s may: %s', (file, line) => {
    expect(lint(write(file, line))).not.toMatch(/no-restricted-imports|no-process-env/);
  });
});
