import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmptyDatabase } from '../support/database.js';
import { git } from '../support/git-command.js';
import type { Body } from '../support/http-client.js';
import { type Holdings, holdingsOf } from './holdings.js';
import { Installation } from './installation.js';
import { documented, type Outcomes, outcomesOf } from './outcomes.js';
import { People, PLACES, type Works } from './people.js';

const run = promisify(execFile);
const ANY = { 'If-Match': '*', Prefer: 'wait=30' };

describe('a Git host restored from a backup that is older than the index', () => {
  let installation: Installation;
  let people: People;
  let works: Works;
  let held: Holdings;
  /** What became of it by itself. */
  let left: Outcomes;
  const ids = { upgraded: '', edited: '', discarded: '', doomed: '' };
  let upgraded: { id: string; revision: string };

  const repository = (place: string) => join(installation.git.root, `${place}.git`);
  const backup = (place: string) => join(installation.folder, `${place}.backup`);

  beforeAll(async () => {
    installation = await Installation.start({ url: await createEmptyDatabase() });
    const { admin } = installation;
    people = await People.settle(installation);
    [ids.upgraded] = await people.publish('upgraded');
    [ids.doomed] = await people.publish('doomed');
    for (const name of ['edited', 'discarded'] as const) await admin.pushed((ids[name] = await people.draft(name)));
    for (const place of PLACES) await run('cp', ['-a', repository(place), backup(place)]);

    upgraded = await people.next(ids.upgraded, 'second', '2');
    await people.edit(ids.edited, 'since');
    await admin.pushed(ids.edited);
    await admin.expect(204, 'DELETE', `/package-revisions/${ids.discarded}`, undefined, ANY);
    await admin.expect(200, 'POST', `/package-revisions/${ids.doomed}/propose-deletion`, { head: 'restore' });
    await admin.expect(204, 'DELETE', `/package-revisions/${ids.doomed}`, undefined, ANY);
    works = await people.work('since');
    held = await holdingsOf(installation, works);

    await installation.git.down();
    for (const place of PLACES) {
      await rm(repository(place), { recursive: true });
      await run('cp', ['-a', backup(place), repository(place)]);
    }
    await installation.git.up();
    // What waited goes there once the host takes it.
    people.letGo();
    for (const place of PLACES) await people.sync(place);
    left = outcomesOf(held, await holdingsOf(installation, works));
  });
  afterAll(async () => {
    await installation?.remove();
  });

  const drift = async (query: string): Promise<Body[]> =>
    (await installation.admin.expect(200, 'GET', `/drift?state=open&pageSize=500&${query}`)).body.items as Body[];

  it('is drift where the index holds what the host does not, by kind and ref', async () => {
    const found = await drift('repository=catalog');
    const isVariant = ({ ref }: Body) => String(ref).includes('since-variant');
    expect(
      found
        .filter((one) => !isVariant(one))
        .map(({ kind, ref, path }) => [kind, path ?? ref].join(' '))
        .sort(),
    ).toEqual(
      [
        'branchDeleted since-draft',
        'branchPushed edited',
        'headDiffers since-deleted',
        'headDiffers since-drifted',
        'headDiffers since-published',
        'historyRewritten main',
        'tagDeleted since-deleted',
        'tagDeleted since-drifted',
        'tagDeleted since-published',
        'tagDeleted upgraded',
      ].sort(),
    );
  });

  it('loses what docs/operating.md says, and restores the rest by its drift', async () => {
    const outcomes = { ...left };
    for (const [what, path] of [
      ['drafts that were pushed', 'since-draft'],
      ['proposals that were pushed', 'since-proposal'],
    ] as const) {
      expect(left[what]).toBe('lost');
      const [found] = await drift(`path=${path}&kind=branchDeleted`);
      const { body } = await installation.admin.expect(201, 'POST', `/drift/${found?.id}/restore`, {}, ANY);
      if (body.tree === (held[what] as Body).tree) outcomes[what] = 'drift';
    }
    expect(outcomes).toEqual(await documented('restored Git host'));
  });

  it('has what was deleted since again, to be deleted once more', async () => {
    for (const name of ['discarded', 'doomed']) {
      const { body } = await installation.admin.expect(200, 'GET', `/package-revisions?path=${name}`);
      expect(body.items).toHaveLength(1);
    }
  });

  it('gets back what is missing from the mirror of a worker, which ends the drift', async () => {
    const mirror = join(installation.dataDir('worker'), 'mirrors', people.place('catalog'));
    const push = (held: unknown, ref: string) =>
      git(['push', '--quiet', installation.git.url('catalog'), `${String((held as Body).commit)}:${ref}`], {
        gitDir: mirror,
      });
    const [history] = await drift('kind=historyRewritten');
    await push(history?.held, 'refs/heads/main');
    for (const { held: tagged, ref } of await drift('kind=tagDeleted')) await push(tagged, `refs/tags/${String(ref)}`);
    await people.sync();
    for (const kind of ['tagDeleted', 'historyRewritten']) expect(await drift(`kind=${kind}`)).toEqual([]);
    expect(await people.fixture.revParse('upgraded/v2^{commit}')).toBe(
      (await installation.admin.revision(upgraded.id)).commit,
    );
    await people.fixture.check();
  });

  it('gives no number again that was given since', async () => {
    expect(upgraded.revision).toBe('v2');
    expect(await people.next(ids.upgraded, 'third', '3')).toMatchObject({ revision: 'v3' });
  });
});
