import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmptyDatabase } from '../support/database.js';
import { type Holdings, holdingsOf } from './holdings.js';
import { Installation, type ProcessName } from './installation.js';
import { allKept, outcomesOf } from './outcomes.js';
import { People, PLACES, type Works } from './people.js';

const WORKERS: ProcessName[] = ['worker-1', 'worker-2'];

describe('a worker’s disk is lost', () => {
  let installation: Installation;
  let people: People;
  let works: Works;
  let held: Holdings;
  let published: string;

  beforeAll(async () => {
    installation = await Installation.start({ url: await createEmptyDatabase() }, ['api', ...WORKERS]);
    people = await People.settle(installation);
    works = await people.work('ever');
    [published] = await people.publish('published');
    held = await holdingsOf(installation, works);
  });
  afterAll(async () => {
    installation?.git.onRequest(null);
    await installation?.remove();
  });

  const lose = (name: ProcessName) => rm(installation.dataDir(name), { recursive: true, force: true });

  it('with a worker that dies while its push is under way: it is done once, and all is there', async () => {
    const dead = new Promise<void>((resolve, reject) => {
      installation.git.onRequest(async ({ repository, service, method, phase }) => {
        if (repository !== 'catalog' || service !== 'git-receive-pack' || method !== 'POST' || phase === 'before')
          return;
        if (!(await people.fixture.tags()).includes('published/v2')) return;
        installation.git.onRequest(null);
        await Promise.all(WORKERS.map((name) => installation.kill(name).then(() => lose(name)))).then(
          () => resolve(),
          reject,
        );
      });
    });
    const next = people.next(published, 'second', '2');
    await dead;
    await installation.up(...WORKERS);
    expect(await next).toMatchObject({ revision: 'v2' });
    expect((await people.fixture.tags()).filter((tag) => tag.startsWith('published/'))).toEqual([
      'published/v1',
      'published/v2',
    ]);
    expect(outcomesOf(held, await holdingsOf(installation, works))).toEqual(allKept(held));
  });

  it.each(['mirrors', ''])('below workers that go on: they fetch again what they need ("%s")', async (folder) => {
    // One of them may have had nothing to fetch yet.
    for (const name of WORKERS) await rm(join(installation.dataDir(name), folder), { recursive: true, force: true });
    people.letGo();
    for (const place of PLACES) await people.sync(place);
    const workspace = `after-${folder || 'all'}`;
    const { id } = await people.next(published, workspace, workspace);
    const { tag, commit } = await installation.admin.revision(id);
    expect(commit).toBe(await people.fixture.revParse(`${tag}^{commit}`));
    await people.fixture.check();
    expect(outcomesOf(held, await holdingsOf(installation, works))).toEqual(allKept(held));
  });
});
