import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from '../support/git-command.js';

const NOTHING = '0'.repeat(40);

/** One change of one ref, by whomever. */
export interface Update {
  ref: string;
  old: string | null;
  next: string | null;
  /** Pushed over HTTP; everybody else works on the repository directly. */
  byPkgserver: boolean;
  /** When it was done, as Unix time in seconds. */
  at: string;
}

/** Has Git note every change of every ref, in a hook that no writer can go around. */
export async function keepUpdateLog(gitDir: string): Promise<void> {
  const hook = join(gitDir, 'hooks', 'reference-transaction');
  const script = [
    '#!/bin/sh',
    '[ "$1" = committed ] || exit 0',
    'who=other; [ -n "$REMOTE_ADDR" ] && who=pkgserver',
    'at=$(date +%s.%3N)',
    `while read -r old new ref; do echo "$who $old $new $ref $at"; done >> "$GIT_DIR/updates.log"`,
    '',
  ].join('\n');
  await writeFile(hook, script);
  await chmod(hook, 0o755);
  // Whatever was pushed once stays readable for the checks, reachable or not.
  for (const [name, value] of [
    ['gc.auto', '0'],
    ['receive.autogc', 'false'],
    ['receive.denyDeletes', 'false'],
  ] as const) {
    await git(['config', name, value], { gitDir });
  }
}

/** The changes of each ref in the order in which they happened: each begins where the one before ended. */
export async function readUpdateLog(gitDir: string): Promise<Map<string, Update[]>> {
  const text = await readFile(join(gitDir, 'updates.log'), 'utf8').catch(() => '');
  const noted = new Map<string, Update[]>();
  for (const line of text.split('\n').filter(Boolean)) {
    const [who, old = '', next = '', ref = '', at = ''] = line.split(' ');
    if (!ref.startsWith('refs/heads/') && !ref.startsWith('refs/tags/')) continue;
    const update = { ref, old: oid(old), next: oid(next), byPkgserver: who === 'pkgserver', at };
    noted.set(ref, [...(noted.get(ref) ?? []), update]);
  }
  return new Map([...noted].map(([ref, updates]) => [ref, inOrder(updates)]));
}

/** The hook writes after the lock is gone, so that two lines in a row may be the wrong way round. */
function inOrder(updates: readonly Update[]): Update[] {
  const left = [...updates];
  const ordered: Update[] = [];
  for (let at: string | null = null; left.length > 0;) {
    const index = left.findIndex(({ old }) => old === at);
    const [next] = left.splice(Math.max(index, 0), 1);
    if (!next) break;
    ordered.push(next);
    at = next.next;
  }
  return ordered;
}

const oid = (text: string): string | null => (text === NOTHING ? null : text);
