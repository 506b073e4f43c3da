import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

/** Where it is tested that what grows is bounded, by the first column of the table in docs/operating.md. */
const TESTED: Readonly<Record<string, readonly string[]>> = {
  'what people register and make': ['test/e2e/campaigns.test.ts', 'test/e2e/variant-sets.test.ts'],
  'the same, with a limit of its own': [
    ...['test/e2e/webhooks.test.ts', 'test/e2e/views.test.ts', 'test/e2e/roles.test.ts'],
    'test/integration/retention.test.ts',
  ],
  'one row for each repository, receiver, webhook or the instance': ['test/integration/engine-lease.test.ts'],
  'what Git holds': ['test/integration/discovery-rebuild.test.ts', 'test/integration/ref-history.test.ts'],
  publications: ['test/integration/tombstones.test.ts'],
  contents: ['test/integration/retention.test.ts'],
  'files in a bucket': ['test/e2e/blob-store.test.ts'],
  'passing things': ['test/integration/retention.test.ts'],
  'waiting to be numbered or sealed': [
    ...['test/integration/event-numbering.test.ts', 'test/integration/audit-chain.test.ts'],
  ],
  'the audit log': ['test/e2e/denials.test.ts'],
  'people who have signed in': ['test/e2e/oidc-sign-in.test.ts'],
  'what people have seen': ['test/integration/retention.test.ts'],
  mirrors: ['test/integration/git-native-upkeep.test.ts', 'src/git/mirror.test.ts'],
  'what a process was at when it was killed': ['test/integration/left-by-others.test.ts'],
  'answers kept in memory (diffs, merges, blames, mutations)': ['src/content/kept-answers.test.ts'],
  'event streams': ['test/e2e/events.test.ts'],
  'the queue': ['test/integration/doorbell.test.ts'],
  'the log': ['src/observers.test.ts'],
};

it('each table has a row that says what bounds it, and each row its tests', async () => {
  const page = await readFile('docs/operating.md', 'utf8');
  const section = /^## What grows\n([^]*?)^## /m.exec(page)?.[1] ?? '';
  const rows = [...section.matchAll(/^\| (?!what +\||-)(.+?) +\| (.+?) +\| (.+?) +\|$/gm)];
  expect(rows.map(([, what]) => what)).toEqual(Object.keys(TESTED));
  const named = rows.flatMap(([, , where = '']) => [...where.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name));
  const schema = await readFile('prisma/schema.prisma', 'utf8');
  const tables = [...schema.matchAll(/^ {2}@@map\("([a-z_]+)"\)$/gm)].map(([, name]) => name);
  expect(tables.length).toBeGreaterThan(40);
  expect(named.filter((name) => name !== 'bullmq').sort()).toEqual(tables.sort());
  const missing = Object.values(TESTED)
    .flat()
    .filter((path) => !existsSync(path));
  expect(missing).toEqual([]);
});
