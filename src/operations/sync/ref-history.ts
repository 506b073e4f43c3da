import type { GitObjects } from '../../git/port.js';
import { majorNumber, raise } from '../../domain/version.js';
import { readRecord } from './commit-record.js';

/**
 * Lists the commits that came to the ref since `known`, newest first, along first parents: publications stand on that
 * line. Without a known commit it lists the whole line.
 */
export async function* newCommits(
  git: GitObjects,
  head: string | null,
  known: string | null,
): AsyncGenerator<{ oid: string; message: string }> {
  const seen = new Set<string>();
  const stack = head === null ? [] : [head];
  for (let oid = stack.pop(); oid !== undefined && oid !== known; oid = stack.pop()) {
    if (seen.has(oid)) continue;
    seen.add(oid);
    const commit = await git.readCommit(oid);
    yield { oid, message: commit.message };
    stack.push(...(known === null ? commit.parents : commit.parents.slice(0, 1)));
  }
}

/** The highest number given out for each package directory, as the publish commits among `commits` say. */
export async function givenNumbers(commits: AsyncIterable<{ message: string }>): Promise<Map<string, bigint>> {
  const highest = new Map<string, bigint>();
  for await (const { message } of commits) {
    const { packageDirectory, revision } = readRecord(message);
    const number = majorNumber(revision ?? '');
    if (packageDirectory !== null && number !== null) raise(highest, packageDirectory, number);
  }
  return highest;
}

/** Walks the ref's history on the first question and remembers it. */
export function lazyHistory(git: GitObjects, head: string | null): (commit: string) => Promise<boolean> {
  let history: Promise<Set<string>> | null = null;
  const walk = async (): Promise<Set<string>> => {
    const seen = new Set<string>();
    for await (const { oid } of newCommits(git, head, null)) seen.add(oid);
    return seen;
  };
  return async (commit) => (await (history ??= walk())).has(commit);
}
