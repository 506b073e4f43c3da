import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git as runGit } from '../support/git-command.js';
import { GitServer } from '../support/git-server.js';
import { GitFixture } from '../support/git-fixture.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { Steps } from '../support/steps.js';

const ANY = { 'If-Match': '*' };

const settings = (data: Record<string, string>, comment = ''): string =>
  `${comment}apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: core\ndata:\n` +
  Object.entries(data)
    .map(([key, value]) => `  ${key}: ${value}\n`)
    .join('');

let git: GitServer;
let pkgserver: Pkgserver;
let steps: Steps;
let catalog: string;
let fleet: string;
let fleetGit: GitFixture;

beforeAll(async () => {
  git = await GitServer.start();
  pkgserver = await startPkgserver({ MAX_PACKAGE_BYTES: '40000', MAX_FILE_BYTES: '30000' });
  steps = new Steps(pkgserver.url);
  const { url } = await git.createRepository('blueprints');
  catalog = await steps.register({ name: 'blueprints', url });
  const deployments = await git.createRepository('fleet');
  fleetGit = GitFixture.create(deployments.path);
  fleet = await steps.register({ name: 'fleet', url: deployments.url, deployment: true });
}, 120_000);
afterAll(async () => {
  await pkgserver?.stop();
  await git?.stop();
});

/** Publishes the next revision of a blueprint with these files. */
async function blueprint(name: string, files: Record<string, string | null>, from?: string): Promise<string> {
  const workspace = `w${Math.random().toString(36).slice(2, 8)}`;
  const body = { repositoryId: catalog, package: name, workspace };
  const source = from === undefined ? { type: 'init' } : { type: 'copy', revisionId: from };
  const created = await steps.expect(201, 'POST', '/package-revisions', { ...body, source });
  const id = created.body.id as string;
  await steps.edit(id, files);
  await steps.publish(id);
  return id;
}

/** Publishes what was made of a blueprint, with changes. */
async function deployment(upstream: string, name: string, files: Record<string, string | null>): Promise<string> {
  const created = await steps.expect(201, 'POST', '/package-revisions', {
    ...{ repositoryId: fleet, target: 'edge-1', package: name, workspace: 'first' },
    source: { type: 'clone', upstream: { revisionId: upstream } },
  });
  const id = created.body.id as string;
  if (Object.keys(files).length > 0) await steps.edit(id, files);
  await steps.publish(id);
  return id;
}

/** What the tests read of a preview. */
interface Told {
  id: string;
  etag: string;
  result: string;
  conflicts: { id: string }[];
  changes: { objects: object[] };
  [field: string]: unknown;
}

interface Made {
  v1: string;
  v2: string;
  ours: string;
}

/** A blueprint with two revisions, and a deployment of the first. */
async function made(name: string, ours: Record<string, string>, theirs: Record<string, string>): Promise<Made> {
  const v1 = await blueprint(name, { 'settings.yaml': settings({ a: 'one', b: 'two' }, '# About\n') });
  const deployed = await deployment(v1, name, {
    'settings.yaml': settings({ a: 'one', b: 'two', ...ours }, '# About\n'),
  });
  const v2 = await blueprint(name, { 'settings.yaml': settings({ a: 'one', b: 'two', ...theirs }, '# About\n') }, v1);
  return { v1, v2, ours: deployed };
}

const preview = async (id: string, request: object = {}): Promise<Told> => {
  const body = { to: 'newest', ...request };
  return (await steps.expect(201, 'POST', `/package-revisions/${id}/upgrade-previews`, body)).body;
};

const fileOf = async (id: string, path: string): Promise<string> => {
  const { body } = await steps.expect(200, 'GET', `/package-revisions/${id}/resources`);
  return body.files[path].content as string;
};

describe('a preview of an upgrade', () => {
  it('is found at its Location, and is repeated as it was, also with numbers beyond those of JavaScript', async () => {
    const limit = (most: string) => ({
      'limit.yaml': `apiVersion: example.com/v1\nkind: Limit\nmetadata: {name: all}\nspec: {most: ${most}}\n`,
    });
    const v1 = await blueprint('limits', limit('9007199254740993'));
    const ours = await deployment(v1, 'limits', {});
    await blueprint('limits', limit('18446744073709551615'), v1);
    const ask = () =>
      steps.call(
        'POST',
        `/package-revisions/${ours}/upgrade-previews`,
        { to: 'newest' },
        { 'Idempotency-Key': 'large' },
      );
    const [first, again] = [await ask(), await ask()];
    expect(first.status).toBe(201);
    expect(first.text).toContain('"to":{"value":18446744073709551615}');
    const location = first.headers.get('location') ?? '';
    expect(location).toBe(`/api/v1/upgrade-previews/${first.body.id}`);
    expect(first.headers.get('etag')).toBe(`"${first.body.etag}"`);
    expect([again.status, again.text, again.headers.get('location')]).toEqual([201, first.text, location]);
    expect((await steps.call('GET', location.replace('/api/v1', ''))).body).toEqual(first.body);
  });

  it('tells what is taken, what is kept, and what the result is, and changes nothing', async () => {
    const { v1, v2, ours } = await made('quiet', { b: 'ours' }, { a: 'theirs' });
    const before = await fleetGit.refs();
    const told = await preview(ours);
    const revision = await steps.revision(ours);
    expect(told).toMatchObject({
      packageRevisionId: ours,
      from: { revisionId: v1, ref: 'quiet/v1' },
      to: { revisionId: v2, ref: 'quiet/v2' },
      strategy: 'resource-merge',
      ours: revision.tree,
      summary: { conflicts: 0, open: 0 },
      warnings: [],
      appliedTo: null,
    });
    expect(told.taken).toContainEqual(
      expect.objectContaining({
        file: 'settings.yaml',
        path: 'data.a',
        from: { value: 'one' },
        to: { value: 'theirs' },
      }),
    );
    expect(told.kept).toContainEqual(expect.objectContaining({ path: 'data.b', to: { value: 'ours' } }));
    expect(told.changes.objects).toContainEqual(
      expect.objectContaining({
        kind: 'ConfigMap',
        fields: [expect.objectContaining({ path: 'data.a', to: 'theirs' })],
      }),
    );
    const path = `/upgrade-previews/${told.id}`;
    expect((await steps.expect(200, 'GET', path)).body).toEqual(told);
    expect((await steps.call('GET', path, undefined, { 'If-None-Match': `"${told.etag}"` })).status).toBe(304);
    expect(await fleetGit.refs()).toEqual(before);
  });

  it('is applied as exactly the tree that was previewed, and says so in Git', async () => {
    const { v2, ours } = await made('applied', { b: 'ours # mine' }, { a: 'theirs' });
    const told = await preview(ours);
    const applied = await steps.expect(
      201,
      'POST',
      `/upgrade-previews/${told.id}/apply`,
      { workspace: 'upgrade-v2' },
      { 'If-Match': told.etag },
    );
    expect(applied.body).toMatchObject({
      lifecycle: 'draft',
      tree: told.result,
      upstream: { revisionId: v2, ref: 'applied/v2' },
      source: { type: 'upgrade', revision: 'v1', from: 'applied/v1', to: 'applied/v2', strategy: 'resource-merge' },
    });
    expect(await fileOf(applied.body.id, 'settings.yaml')).toBe(
      settings({ a: 'theirs', b: 'ours # mine' }, '# About\n'),
    );
    const kptfile = await fileOf(applied.body.id, 'Kptfile');
    expect(kptfile).toContain('ref: applied/v2');
    expect(kptfile).toContain('name: applied');
    await steps.publish(applied.body.id);
    const published = await steps.revision(applied.body.id);
    expect(published).toMatchObject({ lifecycle: 'published', tree: told.result, latest: true });
    expect(await fleetGit.revParse('main:edge-1/applied')).toBe(told.result);
    const again = await steps.call('POST', `/upgrade-previews/${told.id}/apply`, { workspace: 'again' }, ANY);
    expect(again).toMatchObject({ status: 409, body: { code: 'stateConflict', id: applied.body.id } });
    const upToDate = await steps.call('POST', `/package-revisions/${applied.body.id}/upgrade-previews`, {
      to: 'newest',
    });
    expect(upToDate).toMatchObject({ status: 409, body: { code: 'upToDate' } });
  });

  it('is applied by one of two who come at once', async () => {
    const { ours } = await made('raced', { b: 'ours' }, { a: 'theirs' });
    const told = await preview(ours);
    const answers = await Promise.all(
      ['left', 'right'].map((workspace) =>
        steps.call('POST', `/upgrade-previews/${told.id}/apply`, { workspace }, ANY),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    const { body } = await steps.expect(200, 'GET', `/package-revisions?path=edge-1/raced&lifecycle=draft`);
    expect(body.items).toHaveLength(1);
  });

  it('is not applied to what has changed since', async () => {
    const { ours } = await made('moved', { b: 'ours' }, { a: 'theirs' });
    const told = await preview(ours);
    const next = await steps.copy(fleet, ours, 'second');
    await steps.edit(next, { 'note.txt': 'x\n' });
    await steps.publish(next);
    const answer = await steps.call('POST', `/upgrade-previews/${told.id}/apply`, { workspace: 'late' }, ANY);
    expect(answer).toMatchObject({ status: 409, body: { code: 'contentChanged' } });
  });
});

describe('conflicts of an upgrade', () => {
  it('are listed with the three values, resolved one by one, and applied', async () => {
    const { ours } = await made('conflicted', { a: 'ours', b: 'mine' }, { a: 'theirs', b: 'other' });
    const told = await preview(ours);
    expect(told.summary).toMatchObject({ conflicts: 2, open: 2 });
    expect(told.conflicts[0]).toMatchObject({
      of: 'field',
      object: { kind: 'ConfigMap', name: 'settings' },
      ...{ file: 'settings.yaml', path: 'data.a', class: 'configuration', resolution: null },
      ...{ base: { value: 'one' }, ours: { value: 'ours' }, theirs: { value: 'theirs' } },
    });
    const refused = await steps.call('POST', `/upgrade-previews/${told.id}/apply`, { workspace: 'upgrade' }, ANY);
    expect(refused).toMatchObject({ status: 409, body: { code: 'unresolvedConflicts', conflictCount: 2 } });
    const [first, second] = told.conflicts.map(({ id }) => id);
    if (first === undefined || second === undefined) throw new Error('There are fewer than two conflicts');
    const one = await steps.expect(
      200,
      'PATCH',
      `/upgrade-previews/${told.id}`,
      { resolutions: { [first]: { take: 'theirs' } } },
      { 'If-Match': told.etag },
    );
    expect(one.body.summary).toMatchObject({ conflicts: 2, open: 1 });
    const stale = await steps.call('PATCH', `/upgrade-previews/${told.id}`, {}, { 'If-Match': told.etag });
    expect(stale.status).toBe(412);
    const both = await steps.expect(
      200,
      'PATCH',
      `/upgrade-previews/${told.id}`,
      { resolutions: { [second]: { take: 'value', value: 'agreed' } } },
      { 'If-Match': one.body.etag },
    );
    expect(both.body.summary).toMatchObject({ open: 0 });
    const applied = await steps.expect(
      201,
      'POST',
      `/upgrade-previews/${told.id}/apply`,
      { workspace: 'upgrade' },
      ANY,
    );
    expect(await fileOf(applied.body.id, 'settings.yaml')).toBe(settings({ a: 'theirs', b: 'agreed' }, '# About\n'));
    expect(applied.body.source.resolutions).toEqual({ [first]: 'theirs', [second]: 'value' });
  });

  it('are settled by class and by default, in one call', async () => {
    const { v2, ours } = await made('defaults', { a: 'ours' }, { a: 'theirs' });
    const source = { type: 'upgrade', revisionId: ours, upstream: { revisionId: v2 } };
    const body = { repositoryId: fleet, workspace: 'upgrade' };
    const refused = await steps.call('POST', '/package-revisions', { ...body, source });
    expect(refused).toMatchObject({ status: 409, body: { code: 'unresolvedConflicts' } });
    const defaultResolution = { all: 'ours', classes: { configuration: 'theirs' } };
    const created = await steps.expect(201, 'POST', '/package-revisions', {
      ...body,
      source: { ...source, defaultResolution },
    });
    expect(await fileOf(created.body.id, 'settings.yaml')).toBe(settings({ a: 'theirs', b: 'two' }, '# About\n'));
  });

  it('are refused where they are resolved in ways that make no sense', async () => {
    const { ours } = await made('nonsense', { a: 'ours' }, { a: 'theirs' });
    const told = await preview(ours);
    const id = told.conflicts[0]?.id ?? '';
    for (const resolutions of [
      { xyz: { take: 'ours' } },
      { [id]: { take: 'value' } },
      { [id]: { take: 'ours', value: 1 } },
    ]) {
      const answer = await steps.call('PATCH', `/upgrade-previews/${told.id}`, { resolutions }, ANY);
      expect(answer).toMatchObject({ status: 422, body: { code: 'invalidBody' } });
    }
    const resolutions = { ffffffffffffffff: { take: 'ours' } };
    const errors = [{ pointer: '/resolutions/ffffffffffffffff', code: 'notFound' }];
    for (const [method, path] of [
      ['PATCH', `/upgrade-previews/${told.id}`],
      ['POST', `/package-revisions/${ours}/upgrade-previews`],
    ] as const) {
      const body = { resolutions, ...(method === 'POST' && { to: 'newest' }) };
      expect(await steps.call(method, path, body, ANY)).toMatchObject({ status: 422, body: { errors } });
    }
    const unknown = await steps.call(
      'PATCH',
      `/upgrade-previews/${told.id}`,
      { defaultResolution: { classes: { x: 'ours' } } },
      ANY,
    );
    expect(unknown.status).toBe(422);
  });
});

describe('what a package is upgraded to', () => {
  it('is another package only where that is meant', async () => {
    const { ours } = await made('own', { b: 'ours' }, { a: 'theirs' });
    const other = await blueprint('other', { 'settings.yaml': settings({ a: 'other', b: 'two' }) });
    const to = { revisionId: other };
    const refused = await steps.call('POST', `/package-revisions/${ours}/upgrade-previews`, { to });
    expect(refused).toMatchObject({ status: 409, body: { code: 'otherPackage' } });
    const told = await preview(ours, { to, allowOtherPackage: true });
    expect(told.warnings).toEqual([expect.stringContaining('"other"')]);
  });

  it('may be of another repository, which has the same commit, and the preview says so', async () => {
    await made('mirrored', {}, { a: 'theirs' });
    const mirror = await git.createRepository('mirror', { empty: true });
    await runGit(['fetch', '--quiet', join(git.root, 'blueprints.git'), '+refs/*:refs/*'], { gitDir: mirror.path });
    const place = { url: mirror.url, ref: 'mirrored/v1', directory: 'mirrored' };
    const begun = await steps.expect(202, 'POST', '/package-revisions', {
      ...{ repositoryId: fleet, target: 'edge-1', package: 'from-mirror', workspace: 'first' },
      source: { type: 'clone', upstream: { git: place } },
    });
    const operation = await steps.finished(begun.body.id as string);
    const draft = (operation.result as { resource: { id: string } }).resource.id;
    await steps.publish(draft);
    const told = await preview(draft);
    expect(told.warnings).toEqual([expect.stringMatching(`not of ${mirror.url}`)]);
  });

  it('may be older, which the preview says', async () => {
    const { v1, v2 } = await made('older', {}, { a: 'theirs' });
    const deployed = await deployment(v2, 'older-two', {});
    const told = await preview(deployed, { to: { revisionId: v1 } });
    expect(told.warnings).toEqual([expect.stringContaining('downgrade')]);
  });

  it('is nothing for what was made from no other package, and for a draft', async () => {
    const own = await steps.draft(catalog, 'own-only');
    const draft = await steps.call('POST', `/package-revisions/${own}/upgrade-previews`, { to: 'newest' });
    expect(draft).toMatchObject({ status: 409, body: { code: 'stateConflict', lifecycle: 'draft' } });
    await steps.publish(own);
    const published = await steps.call('POST', `/package-revisions/${own}/upgrade-previews`, { to: 'newest' });
    expect(published).toMatchObject({ status: 409, body: { code: 'stateConflict' } });
  });

  it('is found also where the revision that it was made from is gone, and told where it is not', async () => {
    const { v1, v2, ours } = await made('gone', { b: 'ours' }, { a: 'theirs' });
    await steps.expect(200, 'POST', `/package-revisions/${v1}/propose-deletion?force=true`);
    const deleted = await steps.expect(202, 'DELETE', `/package-revisions/${v1}`, undefined, ANY);
    await steps.finished(deleted.body.id as string);
    const newest = await steps.call('POST', `/package-revisions/${ours}/upgrade-previews`, { to: 'newest' });
    expect(newest).toMatchObject({ status: 409, body: { code: 'baseGone' } });
    const told = await preview(ours, { to: { revisionId: v2 } });
    expect(told.taken).toContainEqual(expect.objectContaining({ path: 'data.a' }));
  });
});

describe('the strategies of an upgrade', () => {
  it('fast-forward where nothing was changed here, and refuse where something was', async () => {
    const clean = await made('clean', {}, { a: 'theirs' });
    const told = await preview(clean.ours, { strategy: 'fast-forward' });
    expect(told.summary).toMatchObject({ conflicts: 0 });
    const changed = await made('changed', { b: 'ours' }, { a: 'theirs' });
    const body = { to: 'newest', strategy: 'fast-forward' };
    const refused = await steps.call('POST', `/package-revisions/${changed.ours}/upgrade-previews`, body);
    expect(refused).toMatchObject({ status: 409, body: { code: 'oursChanged', files: ['settings.yaml'] } });
  });

  it.each([
    { strategy: 'force-delete-replace', a: 'theirs', b: 'two', note: false },
    { strategy: 'copy-merge', a: 'theirs', b: 'two', note: true },
  ])('$strategy takes whole files', async ({ strategy, a, b, note }) => {
    const { v2, ours } = await made(strategy, { a: 'ours', b: 'mine' }, { a: 'theirs' });
    const next = await steps.copy(fleet, ours, 'second');
    await steps.edit(next, { 'note.txt': 'x\n' });
    await steps.publish(next);
    const created = await steps.expect(201, 'POST', '/package-revisions', {
      ...{ repositoryId: fleet, workspace: 'upgrade' },
      source: { type: 'upgrade', revisionId: next, upstream: { revisionId: v2 }, strategy },
    });
    expect(await fileOf(created.body.id, 'settings.yaml')).toBe(settings({ a, b }, '# About\n'));
    expect(await fileOf(created.body.id, 'Kptfile')).toContain(`name: ${strategy}`);
    const { body } = await steps.expect(200, 'GET', `/package-revisions/${created.body.id}/resources`);
    expect('note.txt' in body.files).toBe(note);
  });
});

describe('a refused upgrade', () => {
  it('says why, and leaves nothing behind', async () => {
    const { v1, v2, ours } = await made('refused', { a: 'ours' }, { a: 'theirs' });
    const told = await preview(ours);
    const path = `/upgrade-previews/${told.id}`;
    const defaultResolution = { all: 'theirs', classes: { image: 'ours' } };
    const settled = await steps.expect(200, 'PATCH', path, { defaultResolution }, ANY);
    expect(settled.body).toMatchObject({ defaultResolution, summary: { open: 0 } });
    const apply = (workspace: string) => steps.expect(409, 'POST', `${path}/apply`, { workspace }, ANY);
    expect((await apply('first')).body.code).toBe('alreadyExists');
    // Beside the branch of a draft "inner" Git can hold no branch below that name.
    await fleetGit.commit({ files: { 'edge-1/refused/inner/Kptfile': 'apiVersion: a/v1\nkind: B\n' } });
    await fleetGit.tag('edge-1/refused/inner/v1');
    await steps.expect(200, 'POST', `/repositories/${fleet}/sync`, undefined, { Prefer: 'wait=30' });
    expect((await apply('inner')).body.code).toBe('nameConflict');
    await fleetGit.commit({ files: { 'edge-1/refused/settings.yaml': settings({ a: 'by hand' }) } });
    await steps.expect(200, 'POST', `/repositories/${fleet}/sync`, undefined, { Prefer: 'wait=30' });
    expect((await apply('late')).body).toMatchObject({
      code: 'headDiffers',
      files: expect.arrayContaining(['settings.yaml']),
    });
    const body = { repositoryId: fleet, workspace: 'upgrade' };
    const refusals: [object, string][] = [
      [{ revisionId: ours, upstream: { revisionId: v1 } }, 'upToDate'],
      [{ revisionId: ours, upstream: { revisionId: v2 }, strategy: 'fast-forward' }, 'oursChanged'],
      [{ revisionId: ours, upstream: { revisionId: await blueprint('strange', {}) } }, 'otherPackage'],
    ];
    for (const [source, code] of refusals) {
      const answer = await steps.call('POST', '/package-revisions', {
        ...body,
        source: { type: 'upgrade', ...source },
      });
      expect(answer).toMatchObject({ status: 409, body: { code } });
    }
    await steps.expect(200, 'POST', `/package-revisions/${v1}/propose-deletion?force=true`);
    const { body: operation } = await steps.expect(202, 'DELETE', `/package-revisions/${v1}`, undefined, ANY);
    await steps.finished(operation.id as string);
    const newest = { type: 'upgrade', revisionId: ours, upstream: 'newest' };
    const gone = await steps.call('POST', '/package-revisions', { ...body, source: newest });
    expect(gone).toMatchObject({ status: 409, body: { code: 'baseGone' } });
    expect(
      (await steps.expect(200, 'GET', '/package-revisions?path=edge-1/refused&lifecycle=draft')).body.items,
    ).toEqual([]);
  });

  it('is one whose result is no package, or too large', async () => {
    const large = `${'large '.repeat(4_000)}\n`;
    const v1 = await blueprint('shapes', { 'settings.yaml': settings({ a: 'one' }), x: 'base\n' });
    const ours = await deployment(v1, 'shapes', { x: 'ours\n', ours: large });
    const clash = await blueprint('shapes', { x: null, 'x/y': 'y\n' }, v1);
    const theirs = { all: 'theirs' };
    const id = `/package-revisions/${ours}/upgrade-previews`;
    const noPackage = await steps.call('POST', id, { to: { revisionId: clash } });
    expect(noPackage).toMatchObject({ status: 422, body: { code: 'invalidPackage' } });
    const fine = await preview(ours, { to: { revisionId: clash }, defaultResolution: theirs });
    const shifted = await steps.call('PATCH', `/upgrade-previews/${fine.id}`, { defaultResolution: null }, ANY);
    expect(shifted).toMatchObject({ status: 422, body: { code: 'invalidPackage' } });
    const heavy = await blueprint('shapes', { x: large }, v1);
    const to = { revisionId: heavy };
    const tooLarge = await steps.call('POST', id, { to, defaultResolution: theirs });
    expect(tooLarge).toMatchObject({ status: 413, body: { code: 'packageTooLarge' } });
    const light = await preview(ours, { to });
    const heavier = await steps.call('PATCH', `/upgrade-previews/${light.id}`, { defaultResolution: theirs }, ANY);
    expect(heavier).toMatchObject({ status: 413, body: { code: 'packageTooLarge' } });
    const source = { type: 'upgrade', revisionId: ours, upstream: to, defaultResolution: theirs };
    const created = await steps.call('POST', '/package-revisions', { repositoryId: fleet, workspace: 'heavy', source });
    expect(created).toMatchObject({ status: 413, body: { code: 'packageTooLarge' } });
  });

  it('is not repeated: a key answers as before', async () => {
    const { ours } = await made('repeated', { b: 'ours' }, { a: 'theirs' });
    const key = (name: string) => ({ 'Idempotency-Key': `${ours}-${name}`, ...ANY });
    const path = `/package-revisions/${ours}/upgrade-previews`;
    const [first, again] = [
      await steps.expect(201, 'POST', path, { to: 'newest' }, key('preview')),
      await steps.expect(201, 'POST', path, { to: 'newest' }, key('preview')),
    ];
    expect(again.body).toEqual(first.body);
    const apply = `/upgrade-previews/${first.body.id}/apply`;
    const draft = await steps.expect(201, 'POST', apply, { workspace: 'upgrade' }, key('apply'));
    const repeated = await steps.expect(201, 'POST', apply, { workspace: 'upgrade' }, key('apply'));
    expect(repeated.body.id).toBe(draft.body.id);
    const applied = await steps.expect(200, 'GET', `/upgrade-previews/${first.body.id}`);
    expect(applied.body.appliedTo).toBe(draft.body.id);
    const settled = await steps.call('PATCH', `/upgrade-previews/${first.body.id}`, { defaultResolution: null }, ANY);
    expect(settled).toMatchObject({ status: 409, body: { code: 'stateConflict' } });
  });
});
