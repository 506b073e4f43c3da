import { describe, expect, it } from 'vitest';
import { RevisionApi } from '../support/revision-api.js';

const world = RevisionApi.create();
const { call, creation, row } = world;

const ANY = { 'If-Match': '*' };

describe('creating', () => {
  it('answers 201 with Location, ETag and the revision', async () => {
    const answer = await call(
      'POST',
      '/package-revisions',
      creation({ realm: 'nf', package: 'core', labels: { a: 'b' } }),
    );
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/api/v1/package-revisions/${answer.body.id}`);
    expect(answer.headers.get('etag')).toBe(`"${answer.body.etag}"`);
    expect(answer.body).toMatchObject({
      name: 'catalog.blueprints.nf.core.one',
      repository: 'blueprints',
      target: null,
      realm: 'nf',
      package: 'core',
      path: 'nf/core',
      revision: null,
      lifecycle: 'draft',
      latest: false,
      source: { type: 'init' },
      upstream: null,
      commit: null,
      tag: null,
      branch: null,
      git: { state: 'pending', message: null, conflict: null },
      fileCount: 1,
      labels: { a: 'b' },
      annotations: {},
      conditions: [],
      createdBy: 'ada',
      publishedAt: null,
      allowedActions: ['edit', 'propose', 'delete'],
    });
    const read = await call('GET', `/package-revisions/${answer.body.id}`);
    expect(read.body).toEqual({ ...answer.body, unsupportedEntries: [], upstreams: [] });
    const known = { 'If-None-Match': read.headers.get('etag') ?? '' };
    expect((await call('GET', `/package-revisions/${answer.body.id}`, undefined, known)).status).toBe(304);
  });

  it('of eight at once makes one, and answers 409 to the others', async () => {
    const same = creation({ package: 'race' });
    const answers = await Promise.all(Array.from({ length: 8 }, () => call('POST', '/package-revisions', same)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
  });

  it('only rehearses with dryRun', async () => {
    const answer = await call('POST', '/package-revisions?dryRun=true', creation({ package: 'rehearsed' }));
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBeNull();
    expect((await call('GET', `/package-revisions/${answer.body.id}`)).status).toBe(404);
  });

  const refused: [string, object, number, string][] = [
    ['an unknown field', { color: 'red' }, 422, '/color'],
    ['a wrong type', { package: 7 }, 422, '/package'],
    ['no workspace', { workspace: undefined }, 422, '/workspace'],
    ['a bad workspace', { workspace: 'A/b' }, 422, '/workspace'],
    ['a bad package', { package: 'Core' }, 422, '/package'],
    ['an unknown source', { source: { type: 'move' } }, 422, '/source/type'],
    ['a source without upstream', { source: { type: 'clone' } }, 422, '/source/upstream'],
    ['no id', { repositoryId: 'blueprints' }, 422, '/repositoryId'],
    ['a bad annotation key', { annotations: { 'a b': 'c' } }, 422, '/annotations/a b'],
    ['NUL in an annotation', { annotations: { a: 'x\0' } }, 422, '/annotations/a'],
    ['half a surrogate pair', { source: { type: 'init', description: '\ud800' } }, 422, '/source/description'],
  ];
  it.each(refused)('refuses %s', async (_, given, status, pointer) => {
    const before = await world.api.database.client.packageRevision.count();
    const answer = await call('POST', '/package-revisions', creation(given));
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body.errors?.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    expect(await world.api.database.client.packageRevision.count()).toBe(before);
  });
});

describe('preconditions', () => {
  const writes: [string, string, unknown][] = [
    ['PUT', '/resources', { files: { a: 'a' } }],
    ['PATCH', '/resources', { files: { a: 'a' } }],
    ['PATCH', '', { labels: { a: 'b' } }],
    ['DELETE', '', undefined],
    ['POST', '/approve', undefined],
    ['POST', '/resolve', { keep: 'draft' }],
    ['POST', '/rebase', undefined],
  ];
  it.each(writes)('%s %s needs If-Match, and refuses a stale one', async (method, path, body) => {
    const before = await row();
    expect((await call(method, world.revision + path, body)).status).toBe(428);
    const stale = { 'If-Match': path === '/resources' ? `"${'0'.repeat(40)}"` : '"7.00000000"' };
    const answer = await call(method, world.revision + path, body, stale);
    expect([answer.status, answer.body.code]).toEqual([412, 'preconditionFailed']);
    expect(await row()).toEqual(before);
  });

  it('takes the ETag of the revision for its state and that of the content for its content', async () => {
    const content = await call('GET', world.resources);
    expect(content.headers.get('etag')).toBe(`"${world.draft.tree}"`);
    expect(content.body.etag).toBe(world.draft.tree);
    const seen = { 'If-Match': content.headers.get('etag') ?? '' };
    const written = await call('PATCH', world.resources, { files: { 'a.txt': 'a' } }, seen);
    expect(written.status).toBe(200);
    expect(written.headers.get('etag')).toBe(`"${written.body.etag}"`);
    expect((await call('PATCH', world.resources, { files: { 'a.txt': 'b' } }, seen)).status).toBe(412);
    const again = await call(
      'PATCH',
      world.resources,
      { files: { 'a.txt': 'a' } },
      { 'If-Match': `"${written.body.etag}"` },
    );
    expect(again.body).toEqual(written.body);
    const propose = await call('POST', `${world.revision}/propose`, undefined, { 'If-Match': `"${world.draft.etag}"` });
    expect(propose.status).toBe(412);
  });
});

describe('lifecycle', () => {
  it('proposes, rejects, approves with 202, and then refuses until the operation has ended', async () => {
    const proposed = await call('POST', `${world.revision}/propose`);
    expect([proposed.status, proposed.body.lifecycle]).toEqual([200, 'proposed']);
    const twice = await call('POST', `${world.revision}/propose`);
    expect([twice.status, twice.body.code, twice.body.lifecycle]).toEqual([409, 'stateConflict', 'proposed']);
    expect(twice.body.allowedActions).toEqual(['reject', 'withdraw', 'approve', 'delete']);
    expect((await call('PATCH', world.resources, { files: { a: 'a' } }, ANY)).body.code).toBe('stateConflict');
    const rejected = await call('POST', `${world.revision}/reject`, { comment: 'Too few replicas.' });
    expect([rejected.status, rejected.body.lifecycle]).toEqual([200, 'draft']);
    expect(rejected.body.lastDecision).toMatchObject({ action: 'reject', comment: 'Too few replicas.' });
    await call('POST', `${world.revision}/propose`);
    const withdraw = (key: string) =>
      call('POST', `${world.revision}/withdraw`, undefined, { 'Idempotency-Key': `${key}-${world.draft.id}` });
    const withdrawn = await withdraw('first');
    expect([withdrawn.status, withdrawn.body.lastDecision.action]).toEqual([200, 'withdraw']);
    const replay = await withdraw('first');
    expect([replay.headers.get('idempotency-replayed'), replay.body]).toEqual(['true', withdrawn.body]);
    expect(await withdraw('second')).toMatchObject({
      status: 409,
      body: { code: 'stateConflict', lifecycle: 'draft' },
    });
    const again = await call('POST', `${world.revision}/propose`);
    const approved = await call('POST', `${world.revision}/approve`, undefined, {
      'If-Match': again.headers.get('etag') ?? '',
    });
    expect([approved.status, approved.body.kind]).toEqual([202, 'publish']);
    expect(approved.headers.get('location')).toBe(`/api/v1/operations/${approved.body.id}`);
    for (const action of ['reject', 'withdraw']) {
      const busy = await call('POST', `${world.revision}/${action}`);
      expect(busy).toMatchObject({
        status: 409,
        body: { code: 'operationInProgress', operationId: approved.body.id },
      });
    }
  });

  it('tells whoever approves of files that cannot be read', async () => {
    const propose = async () => (await call('POST', `${world.revision}/propose`)).body.conditions;
    await call('PATCH', world.resources, { files: { 'deployment.yaml': 'a: [\n' } }, ANY);
    expect(await propose()).toMatchObject([
      {
        type: 'FilesReadable',
        status: 'False',
        reason: 'ParseErrors',
        current: true,
        message: expect.stringContaining('"deployment.yaml": The file cannot be read as YAML'),
      },
    ]);
    await call('POST', `${world.revision}/withdraw`);
    await call('PATCH', world.resources, { files: { 'deployment.yaml': null } }, ANY);
    expect(await propose()).toEqual([]);
  });

  it('says how a proposal gets to be rebased', async () => {
    await call('POST', `${world.revision}/propose`);
    const refused = await call('POST', `${world.revision}/rebase`, undefined, ANY);
    expect(refused).toMatchObject({ status: 409, body: { code: 'stateConflict' } });
    expect(refused.body.detail).toContain('Withdraw or reject its proposal first.');
  });

  it('is told by the metrics: what waits for whom, and since when', async () => {
    const { client } = world.api.database;
    await call('POST', `${world.revision}/propose`);
    const proposed = await client.packageRevision.count({ where: { lifecycle: 'proposed' } });
    const text = await (await fetch(`${world.api.url}/metrics`)).text();
    const value = (line: string) =>
      Number(new RegExp(`^${line.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1]);
    expect(value('pkgserver_proposals{lifecycle="proposed"}')).toBe(proposed);
    expect(value('pkgserver_oldest_proposal_seconds{lifecycle="proposed"}')).toBeLessThan(60);
    expect(value('pkgserver_oldest_operation_seconds{kind="push"}')).toBeGreaterThan(0);
    expect(value('pkgserver_oldest_sync_seconds')).toBeGreaterThan(0);
    expect(text).toMatch(/^pkgserver_repositories\{ready="Unknown",reason="[^"]*"\} 1$/m);
  });

  it('answers a rehearsed approval with the revision, and leaves nothing to follow', async () => {
    await call('POST', `${world.revision}/propose`);
    const answer = await call('POST', `${world.revision}/approve?dryRun=true`, undefined, ANY);
    expect(answer).toMatchObject({
      status: 200,
      body: { id: world.draft.id, lifecycle: 'proposed', unsupportedEntries: [] },
    });
    expect(answer.headers.get('location')).toBeNull();
    expect(answer.headers.get('dry-run-operation')).toBe('publish');
    const operations = await world.api.database.client.operation.findMany({ where: { revisionId: world.draft.id } });
    expect(operations.map(({ kind }) => kind)).not.toContain('publish');
  });

  it('deletes a draft with 204, once', async () => {
    expect((await call('DELETE', world.revision, undefined, ANY)).status).toBe(204);
    expect((await call('DELETE', world.revision, undefined, ANY)).status).toBe(404);
    expect((await call('GET', `/packages/${world.draft.packageId}`)).status).toBe(404);
  });

  it('proposes deletions with force, and answers 202 to the deletion', async () => {
    const published = {
      lifecycle: 'published' as const,
      revision: 'v1',
      tag: 'refs/tags/x/v1',
      commit: '1'.repeat(40),
    };
    await world.api.database.client.operation.deleteMany({ where: { revisionId: world.draft.id } });
    await world.api.database.client.packageRevision.update({ where: { id: world.draft.id }, data: published });
    const clone = creation({ source: { type: 'clone', upstream: { revisionId: world.draft.id } } });
    expect((await call('POST', '/package-revisions', clone)).status).toBe(201);
    expect((await call('POST', `${world.revision}/propose-deletion`)).body.code).toBe('inUse');
    expect((await call('POST', `${world.revision}/propose-deletion?force=yes`)).status).toBe(400);
    const proposed = await call('POST', `${world.revision}/propose-deletion?force=true`);
    expect(proposed.body.lifecycle).toBe('deletionProposed');
    const deleted = await call('DELETE', world.revision, undefined, ANY);
    expect([deleted.status, deleted.body.kind]).toEqual([202, 'delete']);
  });

  it('changes no state by PATCH', async () => {
    const answer = await call('PATCH', world.revision, { lifecycle: 'published' }, ANY);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([
      { pointer: '/lifecycle', message: expect.stringContaining('propose') as string },
    ]);
    expect(
      (await call('PATCH', world.revision, { labels: { a: null, b: 'c' }, annotations: null }, ANY)).body.labels,
    ).toEqual({ b: 'c' });
  });
});

describe('what others have published or committed since', () => {
  const copy = async (source: object, more: object = {}) =>
    call('POST', '/package-revisions', {
      repositoryId: world.repository.id,
      workspace: `w${(workspaces += 1)}`,
      source: { type: 'copy', ...source },
      ...more,
    });
  let workspaces = 0;
  const edit = async (id: string, files: Record<string, string>) => {
    const answer = await call('PATCH', `/package-revisions/${id}/resources`, { files }, ANY);
    expect(answer.status).toBe(200);
    return String(answer.body.tree);
  };
  const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => [status, body.code];
  const typesOf = ({ body }: { body: { conditions?: { type: string }[] } }) => body.conditions?.map(({ type }) => type);

  /** A draft of `v1`, of which another draft is `v2` by now. */
  async function behind(mine: Record<string, string>, theirs: Record<string, string>) {
    const first = await world.publish(world.draft.id, 'v1');
    const [x, y] = [(await copy({ revisionId: first.id })).body, (await copy({ revisionId: first.id })).body];
    await edit(x.id, theirs);
    await edit(y.id, mine);
    return { second: await world.publish(x.id, 'v2'), draft: `/package-revisions/${y.id}` };
  }

  it('is not undone: the approval is 409, and a rebase takes it into the draft', async () => {
    const { draft } = await behind({ 'y.txt': 'y' }, { 'x.txt': 'x' });
    const seen = await call('GET', draft);
    expect([typesOf(seen), seen.body.allowedActions]).toEqual([
      ['BaseOutdated'],
      ['edit', 'propose', 'delete', 'rebase'],
    ]);
    expect((await call('GET', draft, undefined, { 'If-None-Match': `"${seen.body.etag}"` })).status).toBe(304);
    const proposed = await call('POST', `${draft}/propose`);
    const refused = await call('POST', `${draft}/approve`, undefined, { 'If-Match': `"${proposed.body.etag}"` });
    expect(codeOf(refused)).toEqual([409, 'baseOutdated']);
    expect(refused.body.publishedSince).toEqual(['v2']);
    expect(codeOf(await call('POST', `${draft}/rebase`, undefined, ANY))).toEqual([409, 'stateConflict']);
    await call('POST', `${draft}/reject`);
    const rebased = await call('POST', `${draft}/rebase`, undefined, { ...ANY, 'Idempotency-Key': 'once' });
    expect([rebased.status, rebased.body.conditions]).toEqual([200, []]);
    const again = await call('POST', `${draft}/rebase`, undefined, { ...ANY, 'Idempotency-Key': 'once' });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const { files } = (await call('GET', `${draft}/resources`)).body;
    expect(Object.keys(files)).toEqual(['Kptfile', 'x.txt', 'y.txt']);
    await call('POST', `${draft}/propose`);
    expect((await call('POST', `${draft}/approve`, undefined, ANY)).status).toBe(202);
    expect(codeOf(await call('PATCH', draft, { overwriteHead: true }, ANY))).toEqual([409, 'operationInProgress']);
  });

  it('is a conflict where the draft has changed the same, until it is to be overwritten by name', async () => {
    const { second, draft } = await behind({ 'x.txt': 'mine' }, { 'x.txt': 'theirs' });
    const before = await call('GET', draft);
    const conflict = await call('POST', `${draft}/rebase`, undefined, ANY);
    expect([...codeOf(conflict), conflict.body.files]).toEqual([409, 'rebaseConflict', ['x.txt']]);
    expect((await call('GET', draft)).body).toEqual(before.body);
    const { client } = world.api.database;
    await client.packageRevision.update({ where: { id: before.body.id }, data: { gitState: 'conflict' } });
    expect((await call('GET', draft)).body.allowedActions).toEqual(['edit', 'delete', 'resolve']);
    expect(codeOf(await call('PATCH', draft, { overwriteHead: true }, ANY))).toEqual([409, 'draftConflict']);
    expect(codeOf(await call('POST', `${draft}/rebase`, undefined, ANY))).toEqual([409, 'draftConflict']);
    await client.packageRevision.update({ where: { id: before.body.id }, data: { gitState: 'synced' } });
    const named = await call('PATCH', draft, { overwriteHead: true }, ANY);
    expect([named.status, typesOf(named), named.body.tree]).toEqual([200, ['OverwritesHead'], before.body.tree]);
    await call('POST', `${draft}/propose`);
    expect((await call('POST', `${draft}/approve`, undefined, ANY)).status).toBe(202);
    const published = await call('PATCH', `/package-revisions/${second.id}`, { overwriteHead: true }, ANY);
    expect(codeOf(published)).toEqual([409, 'stateConflict']);
    const own = await call('PUT', `${draft}/conditions/OverwritesHead`, { status: 'False' }, ANY);
    expect(codeOf(own)).toEqual([422, 'invalidName']);
  });

  it('is too large together', async () => {
    const { draft } = await behind({ 'y.txt': 'many' }, { 'x.txt': 'many' });
    await world.api.database.client.packageFile.updateMany({ where: { path: 'x.txt' }, data: { sizeBytes: 1e9 } });
    expect(codeOf(await call('POST', `${draft}/rebase`, undefined, ANY))).toEqual([413, 'packageTooLarge']);
  });

  it('stops a copy of a revision while the ref holds something else, which can be copied instead', async () => {
    const first = await world.publish(world.draft.id, 'v1');
    const begun = (await copy({ revisionId: first.id })).body;
    const hotfix = await edit((await copy({ revisionId: first.id })).body.id, { 'hotfix.txt': 'x' });
    await world.moveHead(first.packageId, hotfix);
    const refused = await copy({ revisionId: first.id });
    expect([...codeOf(refused), refused.body.files]).toEqual([409, 'headDiffers', ['hotfix.txt']]);
    const overwriting = await copy({ revisionId: first.id }, { overwriteHead: true });
    expect([overwriting.status, typesOf(overwriting)]).toEqual([201, ['OverwritesHead']]);
    const { packageId } = first;
    const head = await copy({ packageId });
    expect(head.body).toMatchObject({ tree: hotfix, source: { type: 'copy', commit: world.repository.commit } });
    expect((await copy({ packageId, revisionId: first.id })).body.errors).toMatchObject([
      { pointer: '/source/revisionId' },
    ]);
    const draft = `/package-revisions/${begun.id}`;
    await call('POST', `${draft}/propose`);
    expect(typesOf(await call('GET', draft))).toEqual(['HeadDiffers']);
    expect(codeOf(await call('POST', `${draft}/approve`, undefined, ANY))).toEqual([409, 'drift']);
    const { items } = (await call('GET', '/packages?headState=differs')).body;
    expect(items.map(({ id }: { id: string }) => id)).toEqual([packageId]);
    expect(items[0]).toMatchObject({ head: { tree: hotfix, state: 'differs', revisionId: null } });
    expect((await call('GET', '/packages?headState=bogus')).status).toBe(400);

    await call('POST', `/package-revisions/${first.id}/propose-deletion`);
    const deletion = `/package-revisions/${first.id}`;
    const lost = await call('DELETE', deletion, undefined, ANY);
    expect([...codeOf(lost), lost.body.files]).toEqual([409, 'headDiffers', ['hotfix.txt']]);
    expect((await call('DELETE', `${deletion}?force=true`, undefined, ANY)).status).toBe(202);
  });

  it('asks what the ref is to hold once the revision is deleted that it holds', async () => {
    const { second } = await behind({ 'y.txt': 'y' }, { 'x.txt': 'x' });
    const path = `/package-revisions/${second.id}/propose-deletion`;
    const refused = await call('POST', path);
    expect([refused.status, refused.body.errors?.[0]]).toMatchObject([422, { pointer: '/head', code: 'required' }]);
    expect((await call('POST', path, { head: 'bogus' })).status).toBe(422);
    const proposed = await call('POST', path, { head: 'restore' });
    expect([proposed.status, proposed.body.deletionHead]).toEqual([200, 'restore']);
    expect((await call('POST', `/package-revisions/${second.id}/reject-deletion`)).body.deletionHead).toBeNull();
  });
});

describe('reading', () => {
  it('pages through a filtered list, and refuses a cursor of another filter', async () => {
    const path = '/package-revisions?repository=blueprints&lifecycle=draft&pageSize=1';
    const first = (await call('GET', path)).body;
    expect(first.items).toHaveLength(1);
    const second = (await call('GET', `${path}&cursor=${first.nextCursor}`)).body;
    expect(second.items[0]?.id).not.toBe(first.items[0]?.id);
    const other = await call('GET', `/package-revisions?repository=other&cursor=${first.nextCursor}`);
    expect([other.status, other.body.code]).toEqual([400, 'invalidCursor']);
    expect((await call('GET', '/packages?pageSize=1')).body.items).toHaveLength(1);
  });

  const bad: [string, number][] = [
    ['/package-revisions?color=red', 400],
    ['/package-revisions?lifecycle=gone', 400],
    ['/package-revisions?labelSelector=a%20in%20b', 400],
    ['/package-revisions?repositoryId=x', 400],
    ['/package-revisions?q=%00', 400],
    ['/package-revisions/none', 404],
    ['/package-revisions/0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c', 404],
    ['/package-revisions/0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c/resources', 404],
    ['/package-revisions/0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c/files/archive', 404],
    ['/packages/0199a0de-7a3e-7cc1-a6a5-58d3d44e5a0c', 404],
    ['/packages?path=%00', 400],
  ];
  it.each(bad)('answers %s with %i', async (path, status) => {
    expect((await call('GET', path)).status).toBe(status);
  });

  it('says what a draft without conflict has not', async () => {
    expect((await call('GET', `${world.resources}?side=remote`)).status).toBe(404);
    expect((await call('GET', `${world.revision}/files/content?path=a%00`)).status).toBe(400);
    expect((await call('GET', `${world.revision}/objects?kind=%00`)).status).toBe(400);
    expect((await call('POST', world.resources, {})).status).toBe(405);
  });

  it('takes a list of states, repeated or with commas', async () => {
    const commas = await call('GET', '/package-revisions?lifecycle=draft,proposed&pageSize=500');
    const repeated = await call('GET', '/package-revisions?lifecycle=draft&lifecycle=proposed&pageSize=500');
    expect(commas.body.items.length).toBeGreaterThan(5);
    expect(repeated.body.items).toEqual(commas.body.items);
  });
});
