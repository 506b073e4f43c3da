import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/database/migrate.js';
import { type Body, HttpClient } from '../support/http-client.js';
import { createEmptyDatabase } from '../support/database.js';
import { git } from '../support/git-command.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type PkgserverProcess, startProcess } from '../support/process.js';

const FIXTURE = 'test/fixtures/landed-state';
const MIGRATIONS = 'prisma/migrations';
const LAST = '20261123082201_upstream_links';

/** What the fixture's credential is sealed with, and what its tokens are. */
const CREDENTIALS_KEY = Buffer.alloc(32, 'landed key ').toString('base64');
const TOKENS = {
  admin: 'pks_01a221a2a45b755bbab162a3e9dd5c86_8MDI7vJhR_vIoBiXd2-RD2CkeQfuUvKq5eWWccg2eHo',
  author: 'pks_01a221a2cfb0738f99d4d6fcc2de5f23_jyc5gqHGDs8SJZgC2bBM3kk5iEhEmUzAr1ZRgVCYx-E',
  approver: 'pks_01a221a2cfd3718786d627989d5f82b7_frh_8oi5rn7veY_FKW_686S1PTcSqGpLmuT9cDVjuTg',
};

const FLEET = '01a221a2-c61e-7236-9877-58260cf7162a';
const REVISIONS = {
  first: '01a221a2-d057-7006-95d0-9869a1d3c746',
  second: '01a221a2-f582-70cc-89a2-e97f0c953c9a',
  draft: '01a221a2-f227-76fb-b1f9-8e8dc1e5fdcf',
  old: '01a221a2-d6d2-757c-a8da-c29ac481f6a2',
};
/** How many audit entries of the fixture have their link, and the last of these. */
const HEAD = '5:f0c2c69a672d0bc1fcf0347ecc65ba489cd787dab4d9e6303e60a24ecce89b1a';

/** A database that another version of pkgserver left in the middle of its work, under the program as it is now. */
describe('an upgrade', () => {
  let server: GitServer;
  let fleet: GitFixture;
  let databaseUrl: string;
  let dataDir: string;
  let pkgserver: PkgserverProcess;

  beforeAll(async () => {
    server = await GitServer.start();
    const remotes = { catalog: await importRemote('catalog'), fleet: await importRemote('fleet') };
    fleet = GitFixture.create(remotes.fleet.path);
    server.requireBasic('fleet', 'robot', 'hunter2');
    databaseUrl = await createEmptyDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'pkgserver-upgrade-'));
    await fill(remotes.fleet.url.replace(/\/fleet\.git$/, ''));
    pkgserver = await startProcess({
      AUTH: 'required',
      CREDENTIALS_KEY,
      DATABASE_URL: databaseUrl,
      DATA_DIR: dataDir,
      SWEEP_INTERVAL_MS: '200',
    });
  }, 120_000);
  afterAll(async () => {
    await pkgserver?.stop();
    await server?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function importRemote(name: string) {
    const remote = await server.createRepository(name, { empty: true });
    const input = await readFile(`${FIXTURE}/${name}.git-stream`);
    await git(['fast-import', '--quiet'], { gitDir: remote.path, input });
    return remote;
  }

  async function fill(gitUrl: string): Promise<void> {
    const then = join(dataDir, 'migrations');
    for (const name of await readdir(MIGRATIONS)) {
      if (name <= LAST) await cp(join(MIGRATIONS, name), join(then, name), { recursive: true });
    }
    await migrate(databaseUrl, then);
    const client = new pg.Client(databaseUrl);
    await client.connect();
    try {
      await client.query(`SELECT set_config('landed.git', $1, false)`, [gitUrl]);
      await client.query(await readFile(`${FIXTURE}/state.sql`, 'utf8'));
    } finally {
      await client.end();
    }
  }

  const as =
    (who: keyof typeof TOKENS) =>
    async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Body> => {
      const authorization = `Bearer ${TOKENS[who]}`;
      const answer = await new HttpClient(pkgserver.url).call(method, path, body, { authorization, ...headers });
      expect(answer, answer.text).toMatchObject({ status: expect.toSatisfy((status: number) => status < 300) });
      return answer.body;
    };
  const revision = (id: string) => as('admin')('GET', `/package-revisions/${id}`);

  it('lets those who had a token and roles in, and nobody else', async () => {
    expect(await as('admin')('GET', '/me')).toMatchObject({ user: 'ada', email: null });
    expect(await as('author')('GET', '/me')).toMatchObject({ user: 'grace', email: 'grace@example.com' });
    const { permissions } = await as('approver')('GET', `/me/permissions?repositoryId=${FLEET}&path=edge/web`);
    expect(permissions).toContain('packageRevisions.approve');
    const { items } = await as('admin')('GET', '/role-bindings');
    expect(items.map(({ role, path }) => ({ role, path }))).toEqual([
      { role: 'admin', path: null },
      { role: 'author', path: null },
      { role: 'viewer', path: null },
      { role: 'approver', path: 'edge/**' },
      { role: 'author', path: null },
    ]);
    const wrong = { authorization: `Bearer ${TOKENS.admin.slice(0, -1)}A` };
    expect((await new HttpClient(pkgserver.url).call('GET', '/me', undefined, wrong)).status).toBe(401);
  });

  it('carries out whatever was asked for, of every kind, queued or begun', async () => {
    for (const [id, kind] of [
      ['01a221a2-c4f9-722b-bb6d-33cf76fbc6fe', 'sync'],
      ['01a221a2-dbaf-75d0-829d-ea1861cd92df', 'push'],
      ['01a221a2-f0cd-7432-ab00-5f71490a8db9', 'discard'],
      ['01a221a2-f30f-7113-8d90-1e4a91e12cc2', 'push'],
      ['01a221a2-f641-718e-9b7a-06154c6da6bb', 'publish'],
      ['01a221a2-f67b-751e-87c2-fc00cd7b938d', 'delete'],
    ]) {
      await expect
        .poll(async () => {
          const { state, error } = await as('admin')('GET', `/operations/${id}?wait=10`);
          return { kind, state, error };
        })
        .toEqual({ kind, state: 'succeeded', error: null });
    }
    const names = [...(await fleet.refs()).keys()].sort();
    expect(names).toEqual([
      'refs/heads/drafts/edge/api/first',
      'refs/heads/main',
      'refs/tags/edge/web/v1',
      'refs/tags/edge/web/v2',
    ]);
    await fleet.check();
  }, 120_000);

  it('shows what has ended as it did', async () => {
    const id = '01a221a2-d4a3-7096-bb90-768df7ebe913';
    expect(await as('admin')('GET', `/operations/${id}`)).toMatchObject({
      ...{ kind: 'publish', state: 'succeeded', requestedBy: 'henk' },
      result: { tag: 'edge/web/v1', resource: { type: 'PackageRevision', id: REVISIONS.first } },
    });
    const failed = await as('admin')('GET', '/operations/01a221a2-da91-76bb-918c-b24811bc7ea5');
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'remoteRefNotFound', status: 422 } });
  });

  it('goes on with the discovery that was cut short', async () => {
    const { items } = await as('author')('GET', '/package-revisions?repository=catalog');
    expect(items.map(({ name }) => name).sort()).toEqual([
      'catalog.catalog..dns.v1',
      'catalog.catalog..web.v1',
      'catalog.catalog..web.v2',
    ]);
    const [catalog] = (await as('admin')('GET', '/repositories?name=catalog')).items;
    expect(catalog).toMatchObject({
      status: { packageCount: 2, revisionCount: 3, conditions: [{ type: 'Ready', status: 'True' }] },
    });
  });

  it('keeps what was published, its upstream and its approvals', async () => {
    expect(await revision(REVISIONS.first)).toMatchObject({
      ...{ name: 'edge.fleet..web.first', lifecycle: 'published', revision: 'v1', tag: 'edge/web/v1', latest: false },
      ...{ createdBy: 'grace', publishedBy: 'henk', upstream: { ref: 'web/v1' } },
    });
    expect(await revision(REVISIONS.second)).toMatchObject({
      ...{ lifecycle: 'published', revision: 'v2', tag: 'edge/web/v2', latest: true, publishedBy: 'henk' },
    });
    const { items } = await as('admin')('GET', `/package-revisions/${REVISIONS.second}/approvals`);
    expect(items).toMatchObject([{ approvedBy: 'henk', comment: 'Also right.' }]);
    const { files } = await as('author')('GET', `/package-revisions/${REVISIONS.first}/resources`);
    expect(files['config.yaml']?.content).toContain('value: "5"');
  });

  it('keeps the draft, and takes it on to its publication', async () => {
    const path = `/package-revisions/${REVISIONS.draft}`;
    const resources = await as('author')('GET', `${path}/resources`);
    expect(Object.keys(resources.files).sort()).toEqual(['Kptfile', 'config.yaml', 'package-context.yaml']);
    expect(await fleet.revParse('drafts/edge/api/first:edge/api')).toBe(resources.etag);
    const edit = {
      files: { 'config.yaml': { content: resources.files['config.yaml']?.content.replace('"1"', '"2"') } },
    };
    await as('author')('PATCH', `${path}/resources`, edit, { 'If-Match': `"${resources.etag}"` });
    const { etag } = await as('author')('POST', `${path}/propose`);
    const held = { 'If-Match': `"${etag}"`, Prefer: 'wait=30' };
    const published = await as('approver')('POST', `${path}/approve`, undefined, held);
    expect(published).toMatchObject({ lifecycle: 'published', tag: 'edge/api/v1' });
    expect(await fleet.revParse('edge/api/v1^{commit}:edge/api')).toBe(published.tree);
  });

  it('keeps the audit log, whose chain still holds', async () => {
    const { items } = await as('admin')('GET', '/audit-entries?pageSize=500');
    const actions = items.map(({ action }) => action);
    for (const action of ['createCredential', 'createRepository', 'packageRevision.published', 'deletePackageRevision'])
      expect(actions).toContain(action);
    expect(items.filter(({ id }) => id < '01a221a3')).toHaveLength(7);
    const command = ['dist/commands/audit-verify.js', '--expect', HEAD];
    const env = { PATH: process.env.PATH, DATABASE_URL: databaseUrl, DATA_DIR: dataDir };
    const { stdout } = await promisify(execFile)(process.execPath, command, { env });
    expect(stdout).toMatch(/the chain holds/);
  });
});
