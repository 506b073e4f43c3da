import { setTimeout as sleep } from 'node:timers/promises';
import type { Postgres } from '../stage/postgres.js';

/** A statement as the service sent it. */
export interface Statement {
  text: string;
  values: (string | null)[];
}

/** What the engine and the queue do meanwhile has no part in an answer. */
const OF_READERS = /\bFROM (?:package|package_revision|package_tree|package_file|blob|repository|krm_object|unnest)\b/;

/** Runs each request once and gives the statements that the service ran for it, as PostgreSQL logged them. */
export async function statementsOf<Request>(
  postgres: Postgres,
  requests: readonly Request[],
  send: (request: Request) => Promise<unknown>,
): Promise<Statement[][]> {
  return logged(postgres, async () => {
    const found: Statement[][] = [];
    for (const request of requests) {
      const offset = await postgres.logSize();
      await send(request);
      const statements = readStatements(await postgres.logFrom(offset));
      if (statements.length === 0) throw new Error('PostgreSQL has logged no statement of a request.');
      found.push(statements);
    }
    return found;
  });
}

/** The texts of all statements that anybody ran meanwhile. */
export async function allStatements(postgres: Postgres, work: () => Promise<unknown>): Promise<string[]> {
  return logged(postgres, async () => {
    const offset = await postgres.logSize();
    await work();
    return [
      ...(await postgres.logFrom(offset)).matchAll(/LOG: {2}(?:execute [^:]+|statement):\s*(.*(?:\n\t.*)*)/g),
    ].flatMap(([, line]) => line ?? []);
  });
}

async function logged<Result>(postgres: Postgres, work: () => Promise<Result>): Promise<Result> {
  await postgres.administer("ALTER SYSTEM SET log_statement = 'all'", 'SELECT pg_reload_conf()');
  try {
    // Sessions look at the new setting before their next statement; the signal takes a moment to arrive.
    await sleep(300);
    return await work();
  } finally {
    await postgres.administer('ALTER SYSTEM RESET log_statement', 'SELECT pg_reload_conf()');
    await sleep(300);
  }
}

/** Reads the statements of readers in PostgreSQL's log; lines that continue an entry begin with a tab. */
export function readStatements(log: string): Statement[] {
  const entries = log.split(/\n(?!\t)/).map((entry) => entry.replaceAll('\n\t', '\n'));
  return entries.flatMap((entry, index) => {
    const text = /LOG: {2}execute [^:]+: ([\s\S]*)/.exec(entry)?.[1];
    if (text === undefined || !OF_READERS.test(text)) return [];
    const detail = /DETAIL: {2}[Pp]arameters: ([\s\S]*)/.exec(entries[index + 1] ?? '')?.[1] ?? '';
    const values = [...detail.matchAll(/\$\d+ = (?:'((?:[^']|'')*)'|NULL)/g)].map(
      ([, value]) => value?.replaceAll("''", "'") ?? null,
    );
    return [{ text, values }];
  });
}
