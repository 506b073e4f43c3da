import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import { GitServer } from '../support/git-server.js';
import type { Body } from '../support/http-client.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { type GivenRole, signIn } from '../support/sign-in.js';
import { Steps } from '../support/steps.js';

let git: GitServer;
let pkgserver: Pkgserver;
let admin: Steps;
/** Who vouches for what the admin made. */
let approver: Steps;
const repositories: Record<string, string> = {};

const as = async (...roles: GivenRole[]): Promise<Steps> => {
  const token = await signIn(pkgserver.database, `u-${uuidv7()}`, ...roles);
  return new Steps(pkgserver.url, { Authorization: `Bearer ${token}` });
};

const deployment = (replicas: number, image: string, extra = ''): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  replicas: ${replicas}\n${extra}  template: {spec: {containers: [{name: main, image: "${image}"}]}}\n`;
const secret = (password: string): string =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData: {password: ${password}}\n`;

/** Who was made from whom: the oracle walks this. `*`: as a draft alone. */
const MADE: Record<string, { from: string; repository: string; draft?: true }> = {
  a: { from: 'root', repository: 'blueprints' },
  b: { from: 'root', repository: 'hidden' },
  c: { from: 'root', repository: 'fleet' },
  'a-1': { from: 'a', repository: 'blueprints' },
  'a-2': { from: 'a', repository: 'fleet' },
  'a-3': { from: 'a', repository: 'fleet', draft: true },
  'b-1': { from: 'b', repository: 'fleet' },
  'a-1-1': { from: 'a-1', repository: 'fleet' },
  'a-1-1-1': { from: 'a-1-1', repository: 'fleet' },
};
const ids: Record<string, Body> = {};

/** What is made from `root` within so many levels, by those who see these repositories alone. */
function expected(depth: number, seen: readonly string[]): [number, string, string][] {
  const found: [number, string, string][] = [];
  let level = ['root'];
  for (let at = 1; at <= depth; at += 1) {
    const next = Object.keys(MADE).filter(
      (name) => level.includes(MADE[name]?.from ?? '') && seen.includes(MADE[name]?.repository ?? ''),
    );
    for (const name of next.sort()) found.push([at, name, MADE[name]?.from ?? '']);
    level = next;
  }
  return found;
}

async function make(name: string, repository: string, source: object, files: Record<string, string>, draft = false) {
  const target = name === 'c' ? { target: 'edge-1' } : {};
  const creation = { repositoryId: repositories[repository], package: name, ...target, workspace: uuidv7(), source };
  const { body } = await admin.expect(201, 'POST', '/package-revisions', creation);
  if (Object.keys(files).length > 0) await admin.edit(body.id as string, files);
  if (!draft) {
    await admin.propose(body.id as string);
    const { state, error } = await approver.finished(await approver.approve(body.id as string));
    if (state !== 'succeeded') throw new Error(`Not published: ${JSON.stringify(error)}`);
  }
  return admin.revision(body.id as string);
}

beforeAll(async () => {
  git = await GitServer.start();
  pkgserver = await startPkgserver({ AUTH: 'required' });
  admin = await as({ role: 'admin' });
  approver = await as({ role: 'admin' });
  for (const name of ['blueprints', 'hidden', 'fleet'])
    repositories[name] = await admin.register({
      ...{ name, url: (await git.createRepository(name)).url },
      deployment: name === 'fleet',
    });
  const files = { 'web.yaml': deployment(1, 'web:1', '  paused: false\n'), 'keys.yaml': secret('one') };
  ids.root = await make('root', 'blueprints', { type: 'init' }, files);
  for (const [name, { from, repository, draft }] of Object.entries(MADE)) {
    const source = { type: 'clone', upstream: { revisionId: ids[from]?.id } };
    const own: Record<string, string> =
      name === 'c' ? { 'web.yaml': deployment(5, 'web:2', '  paused: true\n'), 'keys.yaml': secret('two') } : {};
    ids[name] = await make(name, repository, source, own, draft);
  }
  const root = ids.root;
  const newest = { 'web.yaml': deployment(3, 'web:2', '  paused: false\n'), 'keys.yaml': secret('three') };
  ids.root2 = await make('root', 'blueprints', { type: 'copy', revisionId: root?.id }, newest);
}, 180_000);
afterAll(async () => {
  await pkgserver?.stop();
  await git?.stop();
});

async function impact(client: Steps, query = '', of = ids.root): Promise<Body> {
  return (await client.expect(200, 'GET', `/package-revisions/${of?.id}/impact?${query}`)).body;
}
const told = (items: Body[]) =>
  items.map(({ depth, package: name, via }) => [
    depth,
    name,
    Object.keys(ids).find((key) => key !== 'root2' && ids[key]?.packageId === via),
  ]);

const ALL = ['blueprints', 'hidden', 'fleet'];

describe('the impact of a package', () => {
  it.each([1, 2, 3, 4])('has who was made from it within %i levels, whichever revision is asked for', async (depth) => {
    const body = await impact(admin, `depth=${depth}`);
    expect(told(body.items)).toEqual(expected(depth, ALL));
    expect(body.summary).toMatchObject({ packages: body.items.length, direct: 3, behind: 3 });
    expect(told((await impact(admin, `depth=${depth}`, ids.root2)).items)).toEqual(expected(depth, ALL));
  });

  it('goes three levels unless it is told otherwise, page by page', async () => {
    const items: Body[] = [];
    let cursor = '';
    do {
      const page = await impact(admin, `pageSize=2${cursor}`);
      expect(page.items.length).toBeLessThanOrEqual(2);
      items.push(...page.items);
      cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    expect(told(items)).toEqual(expected(3, ALL));
  });

  it('shows what the caller may see, and nothing that lies behind what they may not', async () => {
    const seen = ['blueprints', 'fleet'];
    const client = await as(
      ...seen.map((name) => ({ role: 'viewer' as const, repositoryId: repositories[name] ?? '' })),
    );
    const body = await impact(client, 'depth=4');
    expect(told(body.items)).toEqual(expected(4, seen));
    expect(body.items.map((item: Body) => item.package)).not.toContain('b-1');
    expect(body.summary).toMatchObject({ packages: body.items.length, direct: 2, behind: 2, drafts: 1 });
    const alone = await as({ role: 'viewer', repositoryId: repositories.blueprints ?? '', path: 'root' });
    expect(await impact(alone)).toMatchObject({
      items: [],
      summary: { packages: 0, targets: 0, behind: 0, drafts: 0 },
    });
  });

  it('has the drafts of one that has no publication', async () => {
    const { items } = await impact(admin);
    const drafted = items.find((item: Body) => item.package === 'a-3');
    expect(drafted).toMatchObject({
      ...{ latest: null, upstreamStatus: { state: 'none' }, collisions: null },
      drafts: [{ revisionId: ids['a-3']?.id, lifecycle: 'draft' }],
    });
    expect(items.find((item: Body) => item.package === 'c')).toMatchObject({
      latest: { revisionId: ids.c?.id, revision: 'v1' },
      upstreamStatus: { state: 'behind', behind: 1 },
    });
  });

  it('names the fields that were changed here and that the newest version changes to something else', async () => {
    const { items } = await impact(admin);
    const collisions = (name: string) => items.find((item: Body) => item.package === name)?.collisions;
    const of = (kind: string) => (collisions('c') as Body[]).filter((collision: Body) => collision.kind === kind);
    // `paused` was changed here alone, and the image to the same on both sides.
    expect(of('Deployment')).toEqual([
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        namespace: 'shop',
        name: 'web',
        path: 'spec.replicas',
        local: 5,
        newest: 3,
      },
    ]);
    expect(of('Secret')).toMatchObject([{ path: 'stringData.password', local: 'two', newest: 'three' }]);
    expect(collisions('a')).toEqual([]);
    expect(collisions('a-1')).toBeNull();
  });

  it('shows no value of a Secret to whoever may only read', async () => {
    const viewer = await as({ role: 'viewer' });
    const text = JSON.stringify(await impact(viewer));
    expect(text).toContain('stringData.password');
    for (const value of ['"two"', '"three"']) expect(text).not.toContain(value);
  });

  it('is a table as well', async () => {
    const path = `/package-revisions/${ids.root?.id}/impact?depth=2`;
    const { text, headers } = await admin.call('GET', path, undefined, { Accept: 'text/csv' });
    expect(headers.get('content-type')).toContain('text/csv');
    const lines = text.split('\r\n');
    expect(lines[0]).toBe(
      'depth,repository,path,target,package,revision,state,behind,current,newest,openDrafts,foldersBehind',
    );
    expect(lines).toContain('1,fleet,edge-1/c,edge-1,c,v1,behind,1,v1,v2,0,0');
    expect(lines).toContain('2,fleet,a-3,,a-3,,none,,,,1,0');
    expect(lines).toHaveLength(expected(2, ALL).length + 2);
  });
});
