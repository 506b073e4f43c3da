import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.js';
import { BlobStore } from '../../src/content/blob-store/blob-store.js';
import { hashBlob } from '../../src/git/objects/git-hash.js';
import { RetentionStore } from '../../src/retention/retention.store.js';
import { openBucket } from '../../src/content/blob-store/open-bucket.js';
import { startService } from '../../src/service.js';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { hasS3Server, S3Server } from '../support/s3-server.js';
import { configMap, Steps } from '../support/steps.js';

const URL_OF_STORE = 's3://files/pkgserver';
/** A YAML file larger than what PostgreSQL keeps. */
const large = (name: string): string => `${configMap(name, 'large')}# ${'x'.repeat(2_000)}\n`;
const kptfile = (upstream: string): string =>
  `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: clone\n` +
  `upstream:\n  type: git\n  git: {repo: "${upstream}", directory: /source, ref: source/v1}\n# ${'x'.repeat(2_000)}\n`;

describe.skipIf(!hasS3Server)('files in a bucket (needs versitygw)', () => {
  const environment = { ...process.env };
  let s3: S3Server;
  let host: GitServer;
  let remote: GitFixture;
  let service: Pkgserver;
  let steps: Steps;
  let repositoryId: string;
  const objects = () => s3.objects('pkgserver');
  const ready = async () => (await fetch(`${service.url}/health/ready`)).json();
  const contentOf = async (id: string, path: string): Promise<string> => {
    const { body } = await steps.expect(200, 'GET', `/package-revisions/${id}/resources`);
    return body.files[path].content;
  };

  beforeAll(async () => {
    s3 = await S3Server.start();
    Object.assign(process.env, s3.variables);
    host = await GitServer.start();
    const { path, url } = await host.createRepository('blueprints');
    remote = GitFixture.create(path);
    await remote.commit({
      files: { 'source/Kptfile': 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: source}\n' },
    });
    await remote.tag('source/v1');
    await remote.commit({ files: { 'clone/Kptfile': kptfile(url), 'clone/big.yaml': large('big') } });
    await remote.tag('clone/v1');
    service = await startPkgserver({ BLOB_STORE_URL: URL_OF_STORE, BLOB_STORE_MIN_BYTES: '1024' });
    steps = new Steps(service.url, { 'X-Remote-User': 'alice' });
    repositoryId = await steps.register({ name: 'blueprints', url });
  });
  afterAll(async () => {
    await service?.stop();
    await host?.stop();
    await s3?.stop();
    for (const name of Object.keys(s3?.variables ?? {})) delete process.env[name];
    Object.assign(process.env, environment);
  });

  it('are the large ones, each once, and are read as they were found', async () => {
    const rows = await service.database.client.blob.findMany();
    expect(rows.filter(({ storeKey }) => storeKey !== null)).toHaveLength(2);
    for (const { content, storeKey } of rows) expect(content === null).toBe(storeKey !== null);
    expect(objects()).toHaveLength(2);
    const { body } = await steps.expect(200, 'GET', '/package-revisions?path=clone');
    const [found] = body.items;
    expect(found.upstream, 'the Kptfile is in the bucket as well').toMatchObject({ directory: 'source' });
    expect(await contentOf(found.id, 'big.yaml')).toBe(large('big'));
  });

  it('are written to Git byte for byte, also of a draft that is published', async () => {
    const id = await steps.draft(repositoryId, 'written');
    await steps.edit(id, { 'big.yaml': large('written') });
    expect(await contentOf(id, 'big.yaml')).toBe(large('written'));
    const { tag } = await steps.publish(id);
    expect((await remote.show(`${tag}:written/big.yaml`)).toString()).toBe(large('written'));
  });

  it('wait where the bucket is away, and nothing of them is lost', async () => {
    const id = await steps.draft(repositoryId, 'waits');
    await steps.edit(id, { 'big.yaml': large('waits') });
    await s3.kill();
    const files = { 'other.yaml': large('other') };
    const at = `/package-revisions/${id}/resources`;
    const any = { 'If-Match': '*' };
    expect(await steps.expect(503, 'PATCH', at, { files }, any)).toMatchObject({ body: { code: 'unavailable' } });
    await steps.expect(503, 'GET', at);
    expect(await ready()).toMatchObject({ status: 'degraded', checks: { blobStore: { status: 'down' } } });
    // Small files need no bucket.
    const small = await steps.draft(repositoryId, 'small');
    await steps.expect(200, 'GET', `/package-revisions/${small}/resources`);
    await s3.resume();
    expect(await contentOf(id, 'big.yaml')).toBe(large('waits'));
    await steps.edit(id, files);
    expect(await ready()).toMatchObject({ status: 'ok' });
  });

  it('are held against their Git OID: other bytes are never shown', async () => {
    const id = await steps.draft(repositoryId, 'altered');
    const before = new Set(objects());
    await steps.edit(id, { 'big.yaml': large('altered') });
    const [file = ''] = objects().filter((each) => !before.has(each));
    const bytes = readFileSync(file, 'utf8');
    writeFileSync(file, bytes.replace('altered', 'ALTERED'));
    const { body } = await steps.expect(500, 'GET', `/package-revisions/${id}/resources`);
    expect(JSON.stringify(body)).not.toContain('ALTERED');
    writeFileSync(file, bytes);
    expect(await contentOf(id, 'big.yaml')).toBe(large('altered'));
  });

  it('go a day after no row bears their keys, and not before', async () => {
    const config = readConfig({ BLOB_STORE_URL: URL_OF_STORE });
    const store = new BlobStore(service.database, await openBucket(config), 1024);
    const content = Buffer.from(large('loose'));
    const count = objects().length;
    await store.put([{ oid: 'a'.repeat(40), content }]);
    expect(objects()).toHaveLength(count + 1);
    expect(await store.sweep(100)).toBe(0);
    const unused = { unusedSince: { not: null } };
    const old = { unusedSince: new Date(Date.now() - 25 * 60 * 60 * 1000) };
    await service.database.client.blobStoreKey.updateMany({ where: unused, data: old });
    expect(await store.sweep(100)).toBeGreaterThan(0);
    expect(objects()).toHaveLength(await service.database.client.blob.count({ where: { storeKey: { not: null } } }));
    store.close();
  });

  it('leave the bucket with the content that nothing refers to any more, and come back under another key', async () => {
    const { client } = service.database;
    const id = await steps.draft(repositoryId, 'removed');
    await steps.edit(id, { 'big.yaml': large('removed') });
    const rowOf = () => client.blob.findUniqueOrThrow({ where: { oid: hashBlob(Buffer.from(large('removed'))) } });
    const { oid, storeKey } = await rowOf();
    await client.packageFile.deleteMany({ where: { blobOid: oid } });
    await client.blob.update({ where: { oid }, data: { unusedSince: new Date(0) } });
    expect(await new RetentionStore(service.database).removeUnused('blob', new Date(), 100)).toBe(1);
    const key = () => client.blobStoreKey.findUnique({ where: { key: storeKey ?? '' } });
    expect(await key()).toMatchObject({ unusedSince: expect.any(Date) });
    // Stored again before the sweep has come.
    const again = await steps.draft(repositoryId, 'again');
    await steps.edit(again, { 'big.yaml': large('removed') });
    expect((await rowOf()).storeKey).not.toBe(storeKey);
    await client.blobStoreKey.updateMany({ where: { unusedSince: { not: null } }, data: { unusedSince: new Date(0) } });
    const store = new BlobStore(service.database, await openBucket(readConfig({ BLOB_STORE_URL: URL_OF_STORE })), 1024);
    await store.sweep(100);
    store.close();
    expect(await key()).toBeNull();
    expect(await contentOf(again, 'big.yaml')).toBe(large('removed'));
  });

  it('that a change has put there are removed later, should it come to nothing', async () => {
    const store = new BlobStore(service.database, await openBucket(readConfig({ BLOB_STORE_URL: URL_OF_STORE })), 1024);
    const content = Buffer.from(large('undone'));
    const oid = hashBlob(content);
    const change = service.database.transaction(async () => {
      await store.put([{ oid, content }]);
      throw new Error('undone');
    });
    await expect(change).rejects.toThrow('undone');
    const { blobStoreKey } = service.database.client;
    const where = { key: { contains: oid } };
    expect(await blobStoreKey.findMany({ where })).toMatchObject([{ unusedSince: expect.any(Date) }]);
    expect(objects().filter((file) => file.includes(oid))).toHaveLength(1);
    await blobStoreKey.updateMany({ where, data: { unusedSince: new Date(0) } });
    await store.sweep(100);
    store.close();
    expect(objects().filter((file) => file.includes(oid))).toEqual([]);
  });

  it('are judged by a release as well: readiness gates of a large Kptfile hold it up', async () => {
    const id = await steps.draft(repositoryId, 'gated');
    const gates = 'info:\n  readinessGates: [{conditionType: Scanned}]\n';
    const gated = `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: gated}\n${gates}# ${'x'.repeat(2_000)}\n`;
    await steps.edit(id, { Kptfile: gated });
    await steps.propose(id);
    const at = `/package-revisions/${id}/approve`;
    expect((await steps.expect(409, 'POST', at, undefined, { 'If-Match': '*' })).body).toMatchObject({
      code: 'gatesNotMet',
    });
  });

  it('are asked for by a start that has no bucket, which is refused', async () => {
    const config = readConfig({ DATABASE_URL: service.databaseUrl, DATA_DIR: host.root, AUTH: 'none', PORT: '0' });
    await expect(startService(config)).rejects.toThrow(/BLOB_STORE_URL is not set/);
  });
});
