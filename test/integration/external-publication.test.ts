import { afterEach, describe, expect, it } from 'vitest';
import { toRevisionResponse } from '../../src/features/package-revisions/package-revision.view.js';
import { PackageRevisionStore } from '../../src/revisions/package-revision.store.js';
import { PublishingWorld } from '../support/publishing.js';
import { someone } from '../support/service-callers.js';

const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: example\n';
const KPTFILE = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: x\n';

let world: PublishingWorld;
afterEach(() => world?.stop());
const start = async (settings = {}) => {
  world = await PublishingWorld.start(settings);
};

async function shown(path: string, revision: string) {
  const { id } = await world.revision(path, revision);
  const row = await world.get(PackageRevisionStore).find(id);
  if (row === null) throw new Error(`${path} ${revision} is gone`);
  const { origin, conditions } = toRevisionResponse(row, someone('ada'));
  return { origin, condition: conditions.find(({ type }) => type === 'PublishedOutside') };
}
const byHand = async (path: string, tags: string[]) => {
  await world.remote.commit({ files: { [`${path}/Kptfile`]: KPTFILE, [`${path}/a.yaml`]: CONFIG_MAP } });
  for (const tag of tags) await world.remote.tag(`${path}/${tag}`);
};
const entries = () =>
  world.database.client.auditEntry.findMany({
    where: { action: { in: ['packageRevision.publishedExternally', 'repository.discovered'] } },
    orderBy: { id: 'asc' },
  });

describe('a publication that did not come through the service', () => {
  it('is marked: a tag that somebody has pushed, with an entry in the audit log', async () => {
    await start();
    await byHand('apps/web', ['v1']);
    await world.visitNow();
    const { id } = await world.revision('apps/web', 'v1');
    expect(await shown('apps/web', 'v1')).toEqual({
      origin: 'external',
      condition: expect.objectContaining({ status: 'True', reason: 'TagFound', current: true }),
    });
    expect(await entries()).toMatchObject([
      {
        ...{ action: 'packageRevision.publishedExternally', outcome: 'succeeded', actor: null, resourceId: id },
        ...{ path: 'apps/web', repositoryId: world.repository.id, reason: expect.stringContaining('apps/web/v1') },
        ...{ resourceType: 'PackageRevision', before: null, after: expect.any(String) },
      },
    ]);
    await world.visitNow();
    expect(await entries()).toHaveLength(1);
  });

  it('is none of the service’s own, also after the index was made again, and after a rotation of its keys', async () => {
    await start();
    await world.publish('apps/web');
    expect(await shown('apps/web', 'v1')).toEqual({ origin: 'service', condition: undefined });
    await world.forget();
    expect(await shown('apps/web', 'v1')).toEqual({ origin: 'service', condition: undefined });
    expect(await entries()).toEqual([]);
  });

  it('is a tag that only claims to be the service’s: a copy of its message, or its tag under another name', async () => {
    await start();
    const first = await world.publish('apps/web');
    const tag = await world.git('cat-file', 'tag', 'apps/web/v1');
    await world.remote.tag('apps/web/v7', { message: tag.slice(tag.indexOf('\n\n') + 2) });
    // The very tag object under another name.
    await world.git('update-ref', 'refs/tags/apps/web/v8', await world.git('rev-parse', 'apps/web/v1'));
    await world.visitNow();
    expect((await shown('apps/web', 'v7')).origin).toBe('external');
    expect((await shown('apps/web', 'v8')).origin).toBe('external');
    expect((await shown('apps/web', 'v1')).origin).toBe('service');
    // Moved, it is another publication's no more: what was published here stays what it was.
    await world.remote.commit({ files: { 'apps/web/more.yaml': CONFIG_MAP } });
    await world.remote.moveTag('apps/web/v1', 'main');
    await world.visitNow();
    expect((await shown('apps/web', 'v1')).origin).toBe('service');
    expect(await world.row(first.id)).toMatchObject({ commit: first.commit, tree: first.tree });
    await world.forget();
    expect((await shown('apps/web', 'v1')).origin).toBe('external');
  });

  it('is a draft that somebody has tagged', async () => {
    await start();
    const draft = await world.init('apps/web');
    await world.visit();
    await world.remote.tag('apps/web/v1', { at: 'drafts/apps/web/one' });
    await world.visitNow();
    expect((await world.row(draft.id)).lifecycle).toBe('published');
    expect((await shown('apps/web', 'v1')).origin).toBe('external');
    expect(await entries()).toMatchObject([{ resourceId: draft.id, after: expect.any(String) }]);
  });

  it('has one entry for all of the first discovery, with counts', async () => {
    await start();
    await world.publish('apps/own');
    await byHand('apps/web', ['v1', 'v2', 'v3']);
    await byHand('apps/db', ['v1']);
    await world.forget();
    expect(await entries()).toMatchObject([
      {
        ...{
          action: 'repository.discovered',
          resourceType: 'Repository',
          resourceId: world.repository.id,
          actor: null,
        },
        reason: '5 published revisions were found; 4 of them did not come through this service.',
      },
    ]);
    await byHand('apps/later', ['v1']);
    await world.visitNow();
    expect((await entries()).map(({ action }) => action)).toEqual([
      'repository.discovered',
      'packageRevision.publishedExternally',
    ]);
  });
});
