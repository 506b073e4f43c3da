import { beforeAll, describe, expect, it } from 'vitest';
import type { Repository } from '../../src/database/generated/client.js';
import { ANY_VERSION } from '../../src/domain/precondition.js';
import type { NewRevision } from '../../src/features/package-revisions/authoring/origin.service.js';
import { addRepository } from '../support/index-rows.js';
import { race, RevisionServices } from '../support/revision-services.js';
import { someone } from '../support/service-callers.js';

let catalog: Repository;
let deployment: Repository;

const services = RevisionServices.create();
const { createDraft, publish, read, refusal, textOf } = services;

beforeAll(async () => {
  catalog = await addRepository(services.database, { name: 'catalog', directory: 'packages' });
  deployment = await addRepository(services.database, { name: 'edge', deployment: true });
});

describe('init', () => {
  it('writes a Kptfile with name, description and keywords', async () => {
    const source = { type: 'init' as const, description: 'A core: "5G"', keywords: ['core', '5g'] };
    const row = await createDraft(catalog, { realm: 'nf/ran', package: 'init-one', source });
    expect(row).toMatchObject({
      name: 'catalog.catalog.nf:ran.init-one.one',
      path: 'nf/ran/init-one',
      realm: 'nf/ran',
      target: null,
      lifecycle: 'draft',
      gitState: 'pending',
      commit: null,
      branch: null,
      baseCommit: catalog.commit,
      createdBy: 'ada',
      source,
      upstream: null,
      version: 1,
    });
    const files = await read(row.id);
    expect(Object.keys(files)).toEqual(['Kptfile']);
    expect(files.Kptfile?.content).toContain('name: init-one');
    expect(files.Kptfile?.content).toContain('5G');
    expect(files.Kptfile?.content).toContain('- core');
  });

  it('adds a package context in a deployment repository', async () => {
    const row = await createDraft(deployment, { target: 'paris', realm: 'nf', package: 'init-two' });
    expect(row).toMatchObject({
      name: 'paris.edge.nf.init-two.one',
      path: 'paris/nf/init-two',
      target: 'paris',
      realm: 'nf',
    });
    expect(await textOf(row.id, 'package-context.yaml')).toContain('name: kptfile.kpt.dev');
    expect(await textOf(row.id, 'package-context.yaml')).toMatch(/data:\n {2}name: init-two\n/);
    const bare = await createDraft(deployment, { package: 'init-three' });
    expect(bare).toMatchObject({ name: '.edge..init-three.one', path: 'init-three', target: null, realm: '' });
  });

  it('refuses a package that exists, in the index or on the ref', async () => {
    await createDraft(catalog, { package: 'taken' });
    expect((await refusal(catalog, { package: 'taken', workspace: 'two' })).code).toBe('packageExists');
    const head = await publish(catalog, { package: 'on-ref' });
    await services.database.client.packageRevision.delete({ where: { id: head.id } });
    expect((await refusal(catalog, { package: 'on-ref' })).code).toBe('packageExists');
  });
});

describe('refused requests leave nothing behind', () => {
  const id = '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c';
  const cases: [string, Partial<NewRevision> & { to?: 'deployment' }, string, string | undefined][] = [
    ['an unknown repository', { repositoryId: id }, 'invalidBody', '/repositoryId'],
    ['no package', { package: undefined }, 'invalidBody', '/package'],
    ['a target in a catalog', { target: 'paris' }, 'invalidBody', '/target'],
    ['a realm without target', { realm: 'nf', to: 'deployment' }, 'invalidBody', '/target'],
    ['a bad target', { target: 'Paris', to: 'deployment' }, 'invalidName', '/target'],
    ['a target of two segments', { target: 'a/b', to: 'deployment' }, 'invalidName', '/target'],
    ['a package of two segments', { package: 'a/b' }, 'invalidName', '/package'],
    ['a bad realm', { realm: 'a//b' }, 'invalidName', '/realm'],
    ['a realm that climbs', { realm: '../x' }, 'invalidName', '/realm'],
    [
      'an unknown upstream',
      { source: { type: 'clone', upstream: { revisionId: id } } },
      'invalidBody',
      '/source/upstream/revisionId',
    ],
    [
      'an unknown head',
      { source: { type: 'clone', upstream: { packageId: id } } },
      'invalidBody',
      '/source/upstream/packageId',
    ],
    ['an unknown original', { source: { type: 'copy', revisionId: id } }, 'invalidBody', '/source/revisionId'],
    ['bad labels', { labels: { 'a b': 'c' } }, 'invalidBody', '/labels/a b'],
  ];
  it.each(cases)('%s', async (_, { to, ...given }, code, pointer) => {
    const packages = await services.database.client.package.count();
    const error = await refusal(to ? deployment : catalog, { package: 'never', ...given });
    expect(error.code).toBe(code);
    expect(error.data.errors?.[0]?.pointer).toBe(pointer);
    expect(await services.database.client.package.count()).toBe(packages);
  });

  it('a repository that was never read', async () => {
    const unread = await addRepository(services.database, { synced: false, commit: null });
    expect((await refusal(unread, {})).code).toBe('stateConflict');
    const empty = await addRepository(services.database, { commit: null });
    expect(await createDraft(empty)).toMatchObject({ baseCommit: null, lifecycle: 'draft' });
  });

  it('names that Git cannot hold beside each other, and no others', async () => {
    await createDraft(catalog, { package: 'a', workspace: 'b' });
    expect((await refusal(catalog, { realm: 'a', package: 'b' })).code).toBe('nameConflict');
    expect((await refusal(catalog, { realm: 'a/b', package: 'c' })).code).toBe('nameConflict');
    await createDraft(catalog, { realm: 'x', package: 'y' });
    expect((await refusal(catalog, { package: 'x', workspace: 'y' })).code).toBe('nameConflict');
    expect(await createDraft(catalog, { package: 'a2', workspace: 'b' })).toBeTruthy();
    const elsewhere = await addRepository(services.database);
    expect(await createDraft(elsewhere, { realm: 'a', package: 'b' })).toBeTruthy();
  });
});

describe('at once', () => {
  it('of eight creations of one package one wins', async () => {
    const { won, codes } = await race(8, () => createDraft(catalog, { realm: 'race', package: 'same' }));
    expect(won).toHaveLength(1);
    expect(codes).toEqual(Array<string>(7).fill('packageExists'));
  });

  it('of eight copies into one workspace one wins', async () => {
    const published = await publish(catalog, { package: 'race-copy' });
    const source = { type: 'copy' as const, revisionId: published.id };
    const { won, codes } = await race(8, () => createDraft(catalog, { package: undefined, workspace: 'two', source }));
    expect(won).toHaveLength(1);
    expect(codes).toEqual(Array<string>(7).fill('alreadyExists'));
  });

  it('eight different packages all come to be, below one directory or not', async () => {
    const { won, codes } = await race(8, (index) =>
      createDraft(catalog, index % 2 === 0 ? { realm: 'many', package: `p${index}` } : { package: `many-${index}` }),
    );
    expect(codes).toEqual([]);
    expect(new Set(won.map((row) => row.path)).size).toBe(8);
  });

  it('of names that clash in Git one wins', async () => {
    const { won, codes } = await race(2, (index) =>
      createDraft(catalog, index === 0 ? { package: 'clash', workspace: 'w' } : { realm: 'clash', package: 'w' }),
    );
    expect(won).toHaveLength(1);
    expect(codes).toEqual(['nameConflict']);
  });

  it('refuses a package inside another, which a publication of the outer one would take off the ref', async () => {
    await createDraft(catalog, { realm: 'outer/inner', package: 'one' });
    expect(await refusal(catalog, { package: 'outer' })).toMatchObject({ code: 'nameConflict' });
    expect(await refusal(catalog, { realm: 'outer', package: 'inner' })).toMatchObject({ code: 'nameConflict' });
    expect(await refusal(catalog, { realm: 'outer/inner/one/deep', package: 'two' })).toMatchObject({
      code: 'nameConflict',
    });
    await createDraft(catalog, { realm: 'outer/inner', package: 'one-more' });
  });

  it('a deletion and a creation of the same package leave either nothing or a whole draft', async () => {
    for (let round = 0; round < 5; round += 1) {
      const name = `again-${round}`;
      const row = await createDraft(catalog, { package: name });
      const { codes } = await race<unknown>(2, (index) =>
        index === 0
          ? services.lifecycle.delete(row.id, someone('ada'), ANY_VERSION)
          : createDraft(catalog, { package: name, workspace: 'other' }),
      );
      const left = await services.database.client.packageRevision.count({ where: { packageName: name } });
      expect(left).toBe(codes.length === 0 ? 1 : 0);
      expect(await services.database.client.package.count({ where: { name } })).toBe(left);
    }
  });
});
