import { beforeAll, describe, expect, it } from 'vitest';
import type { Repository } from '../../src/database/generated/client.js';
import { ContentService } from '../../src/content/content.service.js';
import { readKptfile } from '../../src/krm/kptfile.js';
import { addRepository } from '../support/index-rows.js';
import { RevisionServices } from '../support/revision-services.js';

let catalog: Repository;
let deployment: Repository;

const services = RevisionServices.create();
const { createDraft, publish, read, refusal, textOf } = services;

beforeAll(async () => {
  catalog = await addRepository(services.database, { name: 'catalog', directory: 'packages' });
  deployment = await addRepository(services.database, { name: 'edge', deployment: true });
});

describe('clone', () => {
  const kptfile = [
    '# kept as it is',
    'apiVersion: kpt.dev/v1',
    'kind: Kptfile',
    'metadata:',
    '  name:   blueprint   # the name',
    'info: {description: "quoted"}',
    '',
  ].join('\n');
  const crlf = 'apiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: a}\r\n';

  it('keeps every byte but those that name the package and its upstream', async () => {
    const upstream = await publish(
      catalog,
      { realm: 'bp', package: 'blueprint' },
      { Kptfile: kptfile, 'deep/a.yaml': crlf },
    );
    const row = await createDraft(deployment, {
      target: 'rome',
      package: 'cloned',
      source: { type: 'clone', upstream: { revisionId: upstream.id } },
    });
    expect(row.upstreamRevisionId).toBe(upstream.id);
    expect(row.upstream).toEqual({
      url: catalog.url,
      directory: 'packages/bp/blueprint',
      ref: 'packages/bp/blueprint/v1',
      commit: upstream.commit,
      tree: upstream.tree,
    });
    const [from, to] = [await read(upstream.id), await read(row.id)];
    expect(Object.keys(to)).toEqual(['Kptfile', 'deep/a.yaml', 'package-context.yaml']);
    expect(to['deep/a.yaml']).toEqual(from['deep/a.yaml']);
    const text = to.Kptfile?.content ?? '';
    expect(text).toContain('name:   cloned   # the name');
    expect(text).toContain('# kept as it is\n');
    expect(text).toContain('info: {description: "quoted"}');
    expect(text).toContain(`    commit: ${upstream.commit}`);
    expect(text.match(/ref: packages\/bp\/blueprint\/v1/g)).toHaveLength(2);
    const added = text.split('\n').filter((line) => !kptfile.split('\n').includes(line));
    expect(
      added.every((line) => /cloned|upstream|type: git|git:|repo:|directory:|ref:|commit:|updateStrategy/.test(line)),
    ).toBe(true);
    expect(to['package-context.yaml']?.content).toMatch(/data:\n {2}name: cloned\n/);
  });

  it.each([
    ['flow', '{apiVersion: kpt.dev/v1, kind: Kptfile, metadata: {name: old}} # kept\n'],
    ['mark', '\ufeffapiVersion: kpt.dev/v1\r\nkind: Kptfile\r\nmetadata:\r\n  name: old\r\n'],
    ['empty-document', '---\n# kept\n---\napiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: old}\n'],
  ])('takes a Kptfile as kpt does: %s', async (name, text) => {
    const upstream = await publish(catalog, { package: `as-kpt-${name}` }, { Kptfile: text });
    const source = { type: 'clone' as const, upstream: { revisionId: upstream.id } };
    const row = await createDraft(catalog, { package: `${name}-clone`, source });
    const cloned = (await textOf(row.id, 'Kptfile')) ?? '';
    expect(readKptfile(cloned)).toMatchObject({ upstreamLock: { repo: catalog.url, commit: upstream.commit } });
    expect(cloned).toContain(`name: ${name}-clone`);
    // Line by line, and around what was added in a line.
    for (const part of text.replace('name: old', '').split(/[\n{}]+/)) expect(cloned).toContain(part.trim());
  });

  it('refuses to clone or to write a Kptfile of more than 256 KiB, and changes nothing', async () => {
    const least = `${kptfile}# `;
    const fits = `${least}${'x'.repeat(256 * 1024 - least.length)}`;
    const upstream = await publish(catalog, { package: 'long-kptfile' }, { Kptfile: fits });
    const source = { type: 'clone' as const, upstream: { revisionId: upstream.id } };
    const row = await createDraft(deployment, { package: 'long-kptfile-clone', source });
    const before = await services.present(row.id);
    await expect(services.patch(row.id, { Kptfile: `${fits}x` })).rejects.toMatchObject({ code: 'kptfileTooLarge' });
    await expect(services.replace(row.id, { Kptfile: `${fits}x` })).rejects.toMatchObject({ code: 'kptfileTooLarge' });
    expect(await services.present(row.id)).toEqual(before);
    // Git may hold one that is larger.
    const content = Buffer.from(`${fits}x`);
    const tree = await services.world.get(ContentService).savePackage([{ path: 'Kptfile', mode: '100644', content }]);
    await services.database.client.packageRevision.update({ where: { id: upstream.id }, data: { tree: tree.oid } });
    await expect(createDraft(deployment, { package: 'too-long', source })).rejects.toMatchObject({
      code: 'kptfileTooLarge',
    });
  });

  it('adds no Kptfile to a package without one, and names the context that is there', async () => {
    const context =
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kptfile.kpt.dev\ndata:\n  name: other # here\n';
    const files = { 'a.yaml': crlf, 'package-context.yaml': context };
    const upstream = await publish(catalog, { package: 'plain' }, files);
    const source = { type: 'clone' as const, upstream: { revisionId: upstream.id } };
    const cloned = await createDraft(deployment, { package: 'plain-clone', source });
    expect(Object.keys(await read(cloned.id))).toEqual(['a.yaml', 'package-context.yaml']);
    expect(await textOf(cloned.id, 'package-context.yaml')).toBe(context.replace('other', 'plain-clone'));
    const inCatalog = await createDraft(catalog, { package: 'plain-too', source });
    expect(inCatalog.tree).toBe(upstream.tree);
  });

  it('pins a head by the commit of the ref', async () => {
    const published = await publish(catalog, { package: 'headed' });
    const source = { type: 'clone' as const, upstream: { packageId: published.packageId } };
    const row = await createDraft(deployment, { package: 'from-head', source });
    expect(row.upstreamRevisionId).toBeNull();
    expect(row.upstream).toMatchObject({ ref: 'main', commit: catalog.commit, tree: published.tree });
    const draft = await createDraft(catalog, { package: 'headless' });
    const headless = { type: 'clone' as const, upstream: { packageId: draft.packageId } };
    expect((await refusal(deployment, { package: 'from-nothing', source: headless })).code).toBe('stateConflict');
  });

  it('refuses a draft as upstream, and a package that exists', async () => {
    const draft = await createDraft(catalog, { package: 'unripe' });
    const unripe = { type: 'clone' as const, upstream: { revisionId: draft.id } };
    expect((await refusal(catalog, { package: 'never', source: unripe })).code).toBe('stateConflict');
    const published = await publish(catalog, { package: 'ripe' });
    const source = { type: 'clone' as const, upstream: { revisionId: published.id } };
    expect((await refusal(catalog, { package: 'unripe', source })).code).toBe('packageExists');
  });

  it('keeps symlinks and submodules, and does not take a symlink for a Kptfile', async () => {
    const published = await publish(catalog, { package: 'linked' });
    const link = { path: 'Kptfile', mode: '120000', oid: '1'.repeat(40), sizeBytes: 4 };
    const module = { path: 'vendor', mode: '160000', oid: '2'.repeat(40), sizeBytes: 0 };
    const tree = await services.contents.savePackage(
      [{ path: 'a.yaml', mode: '100755', content: Buffer.from(crlf) }],
      [link, module],
    );
    await services.database.client.packageRevision.update({ where: { id: published.id }, data: { tree: tree.oid } });
    const source = { type: 'clone' as const, upstream: { revisionId: published.id } };
    const row = await createDraft(catalog, { package: 'linked-clone', source });
    expect(row.tree).toBe(tree.oid);
    expect((await services.revisions.get(row.id)).unsupported).toEqual([
      { path: 'Kptfile', mode: '120000', reason: 'Symlink' },
      { path: 'vendor', mode: '160000', reason: 'Submodule' },
    ]);
    expect((await read(row.id))['a.yaml']?.executable).toBe(true);
  });
});

describe('copy', () => {
  it('begins the next revision with the same content and upstream, wherever the request says so or not', async () => {
    const blueprint = await publish(catalog, { package: 'copied-blueprint' });
    const first = await publish(deployment, {
      target: 'oslo',
      package: 'copied',
      source: { type: 'clone', upstream: { revisionId: blueprint.id } },
    });
    const source = { type: 'copy' as const, revisionId: first.id };
    const next = await createDraft(deployment, { package: undefined, workspace: 'two', source });
    expect(next).toMatchObject({
      tree: first.tree,
      packageId: first.packageId,
      path: 'oslo/copied',
      upstream: first.upstream,
      upstreamRevisionId: blueprint.id,
      source: { type: 'copy', revision: 'v1' },
      lifecycle: 'draft',
      revision: null,
    });
    const same = { target: 'oslo', package: 'copied', workspace: 'three', source };
    expect(await createDraft(deployment, same)).toMatchObject({ path: 'oslo/copied' });
    expect((await refusal(deployment, { ...same, workspace: 'three' })).code).toBe('alreadyExists');
    expect((await refusal(deployment, { ...same, workspace: 'four', target: 'rome' })).data.errors?.[0]?.pointer).toBe(
      '/target',
    );
    expect((await refusal(catalog, { ...same, workspace: 'four' })).data.errors?.[0]?.pointer).toBe('/repositoryId');
    const unpublished = { type: 'copy' as const, revisionId: next.id };
    expect((await refusal(deployment, { package: undefined, workspace: 'five', source: unpublished })).code).toBe(
      'stateConflict',
    );
  });
});
