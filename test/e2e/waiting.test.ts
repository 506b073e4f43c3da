import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.js';
import { type Body, type Call, HttpClient } from '../support/http-client.js';
import { addRepository, markPublished } from '../support/index-rows.js';
import { makeToken, signIn } from '../support/sign-in.js';

const ANY = { 'If-Match': '*' };
const GATED =
  'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\ninfo:\n  readinessGates:\n    - conditionType: tested\n';

let api: TestApi;
let root: Call;
let ada: Call;
/** Those who are asked what waits for them, by name. */
const people = new Map<string, Call>();
/** What was made, by what it is. */
const made = new Map<string, string>();

const as = (token: string): Call => new HttpClient(api.url, { Authorization: `Bearer ${token}` }).call;

async function expectOk(answer: ReturnType<Call>): Promise<Body> {
  const { status, body, text } = await answer;
  if (status >= 300) throw new Error(`${status}: ${text}`);
  return body as Body;
}

const act = (who: Call, id: string, action: string, body?: object) =>
  expectOk(who('POST', `/package-revisions/${id}/${action}`, body, ANY));

async function draft(who: Call, repositoryId: string, path: string, given: object = {}): Promise<string> {
  const [target, name] = path.includes('/') ? path.split('/') : [undefined, path];
  const body = { repositoryId, target, package: name, workspace: 'one', source: { type: 'init' }, ...given };
  return (await expectOk(who('POST', '/package-revisions', body))).id;
}

async function proposal(name: string, who: Call, repositoryId: string, path: string, given?: object): Promise<string> {
  const id = await draft(who, repositoryId, path, given);
  await act(who, id, 'propose');
  made.set(name, id);
  return id;
}

async function deletion(name: string, repositoryId: string, path: string): Promise<string> {
  const id = await draft(ada, repositoryId, path);
  await markPublished(api.database, id, 'v1');
  await act(ada, id, 'propose-deletion');
  made.set(name, id);
  return id;
}

const change = (id: string, data: object) => api.database.client.packageRevision.update({ where: { id }, data });

beforeAll(async () => {
  api = await startTestApi({ AUTH: 'required' });
  const { database } = api;
  const catalog = (await addRepository(database, { name: 'catalog' })).id;
  const fleet = (await addRepository(database, { name: 'fleet', deployment: true })).id;
  const policy = { requiredApprovals: 2, readinessGates: ['scanned'] };
  const strict = (await addRepository(database, { name: 'strict', deployment: true, policy })).id;

  const author = [catalog, fleet, strict].map((repositoryId) => ({ role: 'author', repositoryId }) as const);
  ada = as(
    await signIn(
      database,
      'ada',
      ...author,
      { role: 'approver', repositoryId: fleet },
      { role: 'approver', repositoryId: catalog },
    ),
  );
  const ines = as(await signIn(database, 'ines', { role: 'repositoryAdmin', repositoryId: fleet }));
  const grace = as(await signIn(database, 'Grace', { role: 'approver' }));
  root = as(await signIn(database, 'root', { role: 'admin' }));
  people.set('an author who approves', ada);
  people.set('who owns a repository', ines);
  people.set('an approver of everything', grace);
  people.set('an administrator', root);
  people.set(
    'an approver of some paths',
    as(await signIn(database, 'henk', { role: 'approver', repositoryId: fleet, path: 'edge-1/**' })),
  );
  people.set('a reader', as(await signIn(database, 'vera', { role: 'viewer' })));
  people.set('an author', as(await signIn(database, 'otto', { role: 'author' })));
  people.set('a token for one repository', as(await makeToken(database, { user: 'Grace', repositoryIds: [catalog] })));
  people.set('a token that only reads', as(await makeToken(database, { user: 'Grace', roles: ['viewer'] })));
  people.set('an author by their address', as(await makeToken(database, { user: 'henk', email: 'Ada@example.com' })));

  await proposal('one of an author', ada, fleet, 'edge-1/a');
  await proposal('one elsewhere', ada, fleet, 'edge-2/b');
  await proposal('one of the owner', ines, fleet, 'edge-1/c');
  await proposal('one of a catalog', ada, catalog, 'core');
  made.set('a draft', await draft(ada, fleet, 'edge-1/d'));
  await change(await proposal('one known by an address', root, fleet, 'edge-1/e'), { editors: ['ada@example.com'] });
  await change(await proposal('a conflict', root, fleet, 'edge-1/f'), { gitState: 'conflict' });
  const drifted = await proposal('one that drifted', root, fleet, 'edge-1/g');
  const { packageId } = await api.database.client.packageRevision.findUniqueOrThrow({ where: { id: drifted } });
  await database.client.package.update({ where: { id: packageId }, data: { headTree: 'f'.repeat(40) } });

  const first = await draft(root, fleet, 'edge-1/h');
  await markPublished(database, first, 'v1');
  const copy = { package: undefined, target: undefined, source: { type: 'copy', revisionId: first } };
  await proposal('one that is outdated', root, fleet, '', { ...copy, workspace: 'late' });
  const second = await draft(root, fleet, '', { ...copy, workspace: 'second' });
  await expectOk(root('PATCH', `/package-revisions/${second}/resources`, { files: { a: { content: 'a' } } }, ANY));
  await markPublished(database, second, 'v2');

  const checked = await proposal('one that was scanned', ada, strict, 'edge-1/i');
  await proposal('one that was not', ada, strict, 'edge-1/j');
  await proposal('one that was refused', ada, strict, 'edge-1/k');
  const report = (id: string, type: string, status: string) =>
    expectOk(root('PUT', `/package-revisions/${id}/conditions/${type}`, { status, reason: 'Done', message: '' }, ANY));
  await report(checked, 'scanned', 'True');
  await report(made.get('one that was refused') ?? '', 'scanned', 'False');
  await act(grace, checked, 'approve');

  for (const [name, path, open] of [
    ['one with its own gate', 'gated', false],
    ['one whose gate is open', 'open', true],
  ] as const) {
    const id = await draft(ada, catalog, path);
    await expectOk(ada('PATCH', `/package-revisions/${id}/resources`, { files: { Kptfile: { content: GATED } } }, ANY));
    if (open) await report(id, 'tested', 'True');
    await act(ada, id, 'propose');
    made.set(name, id);
  }

  await act(grace, await proposal('one that is being published', ada, fleet, 'edge-1/l'), 'approve');
  await deletion('a deletion', fleet, 'edge-1/m');
  await change(await deletion('a deletion by nobody knows', fleet, 'edge-1/n'), { proposedBy: null });
  await act(root, second, 'propose-deletion', { head: 'restore' });
  await change(second, { deletionHead: null });
  made.set('a deletion that says too little', second);
}, 60_000);
afterAll(() => api.close());

/** All pages of what waits. */
async function waiting(who: Call, pageSize: number, more = ''): Promise<string[]> {
  const found: string[] = [];
  let cursor = '';
  do {
    const page = await expectOk(who('GET', `/package-revisions?waitingFor=me&pageSize=${pageSize}${more}${cursor}`));
    expect(page.items.length).toBeLessThanOrEqual(pageSize);
    found.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
    expect(page.nextCursor === null || page.items.length === pageSize, 'a page that is not full is the last').toBe(
      true,
    );
  } while (cursor !== '');
  return found;
}

describe('what waits for me', () => {
  /** What the service says when they try, and nothing is done. */
  async function decidable(who: Call): Promise<string[]> {
    const names: string[] = [];
    for (const [name, id] of made) {
      const { lifecycle } = await expectOk(root('GET', `/package-revisions/${id}`));
      const tried =
        lifecycle === 'deletionProposed'
          ? await who('DELETE', `/package-revisions/${id}?dryRun=true&force=true`, undefined, ANY)
          : await who('POST', `/package-revisions/${id}/approve?dryRun=true`, undefined, ANY);
      if (tried.status >= 300) continue;
      const user = (await expectOk(who('GET', '/me'))).user;
      const { items } = await expectOk(who('GET', `/package-revisions/${id}/approvals`));
      if (items.every(({ valid, approvedBy }) => valid !== true || approvedBy !== user)) names.push(name);
    }
    return names;
  }

  it('is for each what they would not be refused to approve, and have not', async () => {
    const shown: Record<string, string[]> = {};
    const names = new Map([...made].map(([name, id]) => [id, name]));
    for (const [who, call] of people) {
      const listed = (await waiting(call, 50)).map((id) => names.get(id) ?? id);
      expect(listed.toSorted(), who).toEqual((await decidable(call)).toSorted());
      shown[who] = listed;
    }
    expect(shown).toEqual({
      'a reader': [],
      'an author': [],
      'a token that only reads': [],
      'a token for one repository': ['one of a catalog', 'one whose gate is open'],
      'an author who approves': [
        'one of the owner',
        'one of a catalog',
        'one known by an address',
        'one whose gate is open',
      ],
      'who owns a repository': ['one of an author', 'one elsewhere', 'one known by an address', 'a deletion'],
      'an approver of some paths': ['one of an author', 'one of the owner', 'one known by an address', 'a deletion'],
      'an author by their address': ['one of an author', 'one of the owner', 'a deletion'],
      'an approver of everything': [
        'one of an author',
        'one elsewhere',
        'one of the owner',
        'one of a catalog',
        'one known by an address',
        'one whose gate is open',
        'a deletion',
      ],
      'an administrator': [
        'one of an author',
        'one elsewhere',
        'one of the owner',
        'one of a catalog',
        'one that was scanned',
        'one whose gate is open',
        'a deletion',
      ],
    });
  });

  it('pages as every list does', async () => {
    for (const call of people.values()) {
      const all = await waiting(call, 500);
      expect(await waiting(call, 1)).toEqual(all);
      expect(await waiting(call, 2)).toEqual(all);
      expect(all).toEqual(all.toSorted());
    }
  });

  it('goes with other filters', async () => {
    const [elsewhere] = await waiting(root, 50, '&target=edge-2');
    expect(elsewhere).toBe(made.get('one elsewhere'));
    expect(await waiting(root, 50, '&lifecycle=deletionProposed')).toEqual([made.get('a deletion')]);
    expect(await waiting(root, 50, '&lifecycle=published')).toEqual([]);
  });

  it('is asked for by nobody else', async () => {
    expect(await root('GET', '/package-revisions?waitingFor=ada')).toMatchObject({
      status: 400,
      body: { code: 'invalidQuery', errors: [{ pointer: 'waitingFor' }] },
    });
  });

  it('ends with the role', async () => {
    const { database } = api;
    const once = as(await signIn(database, 'jo', { role: 'approver' }));
    expect(await waiting(once, 50)).not.toEqual([]);
    await database.client.roleBinding.updateMany({ where: { subject: 'jo' }, data: { role: 'viewer' } });
    expect(await waiting(once, 50)).toEqual([]);
  });
});
