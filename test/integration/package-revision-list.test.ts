import { beforeAll, describe, expect, it } from 'vitest';
import type { Repository } from '../../src/database/generated/client.js';
import { ANY_VERSION } from '../../src/domain/precondition.js';
import type { RevisionFilter } from '../../src/revisions/package-revision.filter.js';
import type { RevisionRow } from '../../src/revisions/revision-row.js';
import type { Place } from '../../src/domain/list.js';
import type { PackageFilter } from '../../src/revisions/package.filter.js';
import { addRepository } from '../support/index-rows.js';
import { someone } from '../support/service-callers.js';
import { RevisionServices } from '../support/revision-services.js';

let catalog: Repository;
let edge: Repository;
let core: RevisionRow;

const services = RevisionServices.create();
const ANYBODY = someone('eve');

beforeAll(async () => {
  catalog = await addRepository(services.database, { name: 'catalog' });
  edge = await addRepository(services.database, { name: 'edge', deployment: true });
  const labels = { tier: 'gold', team: 'net' };
  core = await services.markPublished(
    await services.createDraft(catalog, { realm: 'nf', package: 'core', labels }),
    'v1',
  );
  const copy = { type: 'copy' as const, revisionId: core.id };
  const second = await services.createDraft(catalog, { package: undefined, workspace: 'two', source: copy });
  await services.markPublished(second, 'v2');
  const clone = { type: 'clone' as const, upstream: { revisionId: core.id } };
  await services.createDraft(edge, {
    target: 'paris',
    realm: 'nf',
    package: 'core',
    source: clone,
    labels: { tier: 'silver' },
  });
  const rome = await services.createDraft(edge, {
    target: 'rome',
    package: 'core_x',
    source: clone,
    labels: { empty: '' },
  });
  await services.lifecycle.propose(rome.id, 'ada');
  await services.createDraft(edge, { package: 'lonely' });
});

const NAMES = {
  v1: 'catalog.catalog.nf.core.one',
  v2: 'catalog.catalog.nf.core.two',
  paris: 'paris.edge.nf.core.one',
  rome: 'rome.edge..core_x.one',
  lonely: '.edge..lonely.one',
};
type Name = keyof typeof NAMES;
const ALL = Object.keys(NAMES) as Name[];

describe('filters', () => {
  const cases: [string, (() => RevisionFilter) | RevisionFilter, Name[]][] = [
    ['none', {}, ALL],
    ['repository', { repository: 'edge' }, ['paris', 'rome', 'lonely']],
    ['repositoryId', () => ({ repositoryId: catalog.id }), ['v1', 'v2']],
    ['target', { target: 'rome' }, ['rome']],
    ['no target', { repository: 'edge', target: '' }, ['lonely']],
    ['realm', { realm: 'nf' }, ['v1', 'v2', 'paris']],
    ['no realm', { realm: '' }, ['rome', 'lonely']],
    ['package', { package: 'core' }, ['v1', 'v2', 'paris']],
    ['path', { path: 'paris/nf/core' }, ['paris']],
    ['workspace', { workspace: 'two' }, ['v2']],
    ['revision', { revision: 'v1' }, ['v1']],
    ['one lifecycle', { lifecycle: ['proposed'] }, ['rome']],
    ['two lifecycles', { lifecycle: ['draft', 'published'] }, ['v1', 'v2', 'paris', 'lonely']],
    ['latest', { latest: true }, ['v2']],
    ['not latest', { latest: false, repository: 'catalog' }, ['v1']],
    ['upstreamRevisionId', () => ({ upstreamRevisionId: core.id }), ['paris', 'rome']],
    ['upstream', { upstream: { repository: 'catalog', path: 'nf/core', revision: 'v1' } }, ['paris', 'rome']],
    ['an upstream without clones', { upstream: { repository: 'catalog', path: 'nf/core', revision: 'v2' } }, []],
    ['an upstream that is not there', { upstream: { repository: 'edge', path: 'nf/core', revision: 'v1' } }, []],
    ['q, in any case', { q: 'PARIS.' }, ['paris']],
    ['q without wildcards', { q: '%' }, []],
    ['q with an underscore', { q: 'core_' }, ['rome']],
    ['a label', { labelSelector: 'tier=gold' }, ['v1']],
    ['not a label', { labelSelector: 'tier!=gold' }, ['v2', 'paris', 'rome', 'lonely']],
    ['a set of labels', { labelSelector: 'tier in (gold, silver)' }, ['v1', 'paris']],
    ['outside of a set', { labelSelector: 'tier notin (gold, silver)' }, ['v2', 'rome', 'lonely']],
    ['a key', { labelSelector: 'team' }, ['v1']],
    ['no key', { labelSelector: '!tier' }, ['v2', 'rome', 'lonely']],
    ['an empty value', { labelSelector: 'empty=' }, ['rome']],
    [
      'everything together',
      { repository: 'edge', realm: 'nf', lifecycle: ['draft'], labelSelector: 'tier', q: 'core' },
      ['paris'],
    ],
  ];
  it.each(cases)('%s', async (_, given, expected) => {
    const filter = typeof given === 'function' ? given() : given;
    const { rows } = await services.revisions.list(filter, ANYBODY, { size: 50 });
    expect(rows.map((row) => row.name)).toEqual(expected.map((name) => NAMES[name]));
  });

  it('refuses a selector that is none', async () => {
    await expect(services.revisions.list({ labelSelector: 'a in b' }, ANYBODY, { size: 50 })).rejects.toMatchObject({
      code: 'invalidQuery',
    });
  });
});

describe('pages', () => {
  it('give every row once, in the order of creation', async () => {
    const seen: string[] = [];
    let after: Place | undefined;
    do {
      const { rows, next } = await services.revisions.list({}, ANYBODY, { after, size: 2 });
      seen.push(...rows.map((row) => row.name));
      after = next ?? undefined;
    } while (after);
    expect(seen).toEqual(Object.values(NAMES));
  });

  it('carry the size of the content', async () => {
    const { rows } = await services.revisions.list({ revision: 'v1' }, ANYBODY, { size: 1 });
    const [row] = rows;
    expect(row).toMatchObject({ fileCount: 1, lifecycle: 'published' });
    expect(row?.sizeBytes).toBeGreaterThan(50);
    expect(typeof row?.sizeBytes).toBe('number');
  });
});

describe('labels and annotations', () => {
  it('merge, in every state, and count as a change only where they are one', async () => {
    const set = { labels: { a: '1', b: '2' }, annotations: { 'example.com/x': 'any text\n' } };
    const first = await services.revisions.patch(core.id, set, 'eve', ANY_VERSION);
    expect(first).toMatchObject({ labels: { tier: 'gold', team: 'net', a: '1', b: '2' }, updatedBy: 'eve' });
    const second = await services.revisions.patch(core.id, { labels: { a: null, gone: null } }, 'eve', ANY_VERSION);
    expect(second.labels).toEqual({ tier: 'gold', team: 'net', b: '2' });
    expect(second.version).toBe(first.version + 1);
    expect(await services.revisions.patch(core.id, { labels: { b: '2' } }, 'bob', ANY_VERSION)).toEqual(second);
    const third = await services.revisions.patch(
      core.id,
      { annotations: null, labels: { a: null, b: null } },
      'eve',
      ANY_VERSION,
    );
    expect(third).toMatchObject({ annotations: {}, labels: { tier: 'gold', team: 'net' }, tree: core.tree });
    await expect(services.revisions.patch(core.id, { labels: { a: 'b c' } }, 'eve', ANY_VERSION)).rejects.toMatchObject(
      {
        code: 'invalidBody',
      },
    );
  });
});

describe('packages', () => {
  const cases: [string, PackageFilter, string[]][] = [
    ['none', {}, ['nf/core', 'paris/nf/core', 'rome/core_x', 'lonely']],
    ['repository', { repository: 'edge' }, ['paris/nf/core', 'rome/core_x', 'lonely']],
    ['an unknown repository', { repository: 'none' }, []],
    ['target', { target: 'paris' }, ['paris/nf/core']],
    ['no target', { target: '' }, ['nf/core', 'lonely']],
    ['realm', { realm: 'nf' }, ['nf/core', 'paris/nf/core']],
    ['package', { package: 'core' }, ['nf/core', 'paris/nf/core']],
    ['name', { name: 'lonely' }, ['lonely']],
    ['path', { path: 'rome/core_x' }, ['rome/core_x']],
    ['q', { q: 'CORE_' }, ['rome/core_x']],
  ];
  it.each(cases)('by %s', async (_, filter, expected) => {
    const { rows } = await services.packages.list(filter, 'all', { size: 50 });
    expect(rows.map((row) => row.path)).toEqual(expected);
  });

  it('show their latest revision, and not themselves where nothing is left of them', async () => {
    const { rows } = await services.packages.list({}, 'all', { size: 2 });
    const [first, second] = rows;
    expect(first).toMatchObject({
      latestName: NAMES.v2,
      latestRevision: 'v2',
      revisionCount: 2,
      commit: catalog.commit,
    });
    expect(first?.headTree).toBe(core.tree);
    expect(second).toMatchObject({ latestId: null, headTree: null, revisionCount: 1 });
    const draft = await services.createDraft(edge, { package: 'ghost' });
    await services.database.client.packageRevision.delete({ where: { id: draft.id } });
    expect(await services.packages.list({ path: 'ghost' }, 'all', { size: 5 })).toEqual({ rows: [], next: null });
    await expect(services.packages.get(draft.packageId)).rejects.toMatchObject({ code: 'notFound' });
  });
});
