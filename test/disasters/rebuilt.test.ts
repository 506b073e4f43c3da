import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmptyDatabase } from '../support/database.js';
import type { Body } from '../support/http-client.js';
import { type Holdings, holdingsOf } from './holdings.js';
import { Installation } from './installation.js';
import { documented, outcomesOf } from './outcomes.js';
import { People, type Works } from './people.js';

describe('the index is lost, and made again from Git alone', () => {
  let installation: Installation;
  let people: People;
  let works: Works;
  let held: Holdings;
  let refs: Map<string, string>;
  let spent: string;

  beforeAll(async () => {
    installation = await Installation.start({ url: await createEmptyDatabase() });
    people = await People.settle(installation);
    works = await people.work('ever');
    const [from] = await people.publish('spent');
    spent = await people.deleted(from, 'second');
    held = await holdingsOf(installation, works);
    refs = await people.fixture.refs();
    await installation.down();

    people.letGo();
    installation.place.databaseUrl = await createEmptyDatabase();
    await installation.up();
    await installation.signInAnew();
    await people.comeAnew();
  });
  afterAll(async () => {
    await installation?.remove();
  });

  it('has what docs/operating.md says, and lacks what it says', async () => {
    expect(outcomesOf(held, await holdingsOf(installation, works))).toEqual(await documented('made again from Git'));
  });

  it('changes nothing in Git', async () => {
    expect(await people.fixture.refs()).toEqual(refs);
    const { body } = await installation.admin.expect(200, 'GET', '/drift?state=open');
    expect((body.items as Body[]).map(({ kind, path }) => [kind, path])).toEqual([['headDiffers', 'ever-drifted']]);
  });

  it('gives no number again that was deleted', async () => {
    expect(spent).toBe('v2');
    const { body } = await installation.admin.expect(200, 'GET', '/package-revisions?path=spent');
    expect(await people.next((body.items as Body[])[0]?.id ?? '', 'third', '3')).toMatchObject({ revision: 'v3' });
  });
});
