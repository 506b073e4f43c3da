import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VariantWorld, WEB } from '../support/variant-world.js';

let world: VariantWorld;
beforeAll(async () => {
  world = await VariantWorld.start();
}, 120_000);
afterAll(() => world?.stop());

const REPLICAS = { objects: { kind: 'Deployment', name: 'web' }, path: 'spec.replicas', value: 3 };

describe('a variant', () => {
  it('has a draft made of its blueprint, then one for each new revision, and none for nothing', async () => {
    const blueprint = await world.blueprint('simple');
    const made = await world.make(blueprint.packageId, {
      mutations: [REPLICAS, { ...REPLICAS, path: 'metadata.labels.site', value: 'at-${target.name}' }],
      packageContext: { site: '${target.name}', of: '${upstream.revision}' },
      labels: { tier: 'gold' },
    });
    expect(made).toMatchObject({ state: 'drafted', reason: null, conflictCount: 0, warnings: [] });
    const first = await world.root.revision(made.draftId);
    expect(first).toMatchObject({ lifecycle: 'draft', source: { type: 'clone' }, labels: { tier: 'gold' } });
    expect(first.upstream.revisionId).toBe(blueprint.revisionId);
    const text = WEB.replace('  name: web\n', '  name: web\n  labels:\n    site: at-edge-1\n').replace(
      's: 1 #',
      's: 3 #',
    );
    expect(await world.file(made.draftId)).toBe(text);
    const context = await world.file(made.draftId, 'package-context.yaml');
    expect(context).toMatch(/data:\n {2}site: edge-1\n {2}of: v1\n {2}name: v-/);

    const { body } = await world.root.expect(
      200,
      'GET',
      '/events?type=variant.created,variant.stateChanged&pageSize=2',
    );
    const told = { id: made.id, name: made.name, repositoryId: world.world.fleet, path: `edge-1/${made.name}` };
    expect(body.items.map(({ data }: { data: object }) => data)).toEqual(
      ['pending', 'drafted'].map((state) => ({ variant: { ...told, state } })),
    );
    await world.publish(made.draftId);
    const published = await world.get(made.id);
    expect(published).toMatchObject({ state: 'upToDate', draftId: null });
    await world.root.expect(200, 'POST', `/variants/${made.id}/reconcile`);
    expect(await world.settled(made.id)).toMatchObject({ state: 'upToDate', draftId: null });
    expect(await world.revisions(made.packageId)).toHaveLength(1);

    const next = await world.world.blueprint(
      'simple',
      { 'web.yaml': WEB.replace('web:1', 'web:2') },
      blueprint.revisionId,
    );
    const behind = await world.settled(made.id);
    expect(behind.state).toBe('drafted');
    const second = await world.root.revision(behind.draftId);
    expect(second).toMatchObject({
      source: { type: 'upgrade', from: 'simple/v1', to: 'simple/v2' },
      upstream: { revisionId: next },
    });
    expect(await world.file(behind.draftId)).toBe(text.replace('web:1', 'web:2'));
    expect(await world.file(behind.draftId, 'package-context.yaml')).toBe(context.replace('of: v1', 'of: v2'));
  });

  it('has its one draft renewed, also a proposal, until somebody publishes it', async () => {
    const blueprint = await world.blueprint('renewed');
    const made = await world.make(blueprint.packageId, { updatePolicy: 'propose' });
    expect((await world.root.revision(made.draftId)).lifecycle).toBe('proposed');
    const second = await world.world.blueprint(
      'renewed',
      { 'web.yaml': WEB.replace('web:1', 'web:2') },
      blueprint.revisionId,
    );
    const renewed = await world.patch(made.id, { mutations: [REPLICAS] });
    expect(renewed).toMatchObject({ state: 'drafted', draftId: made.draftId });
    const draft = await world.root.revision(made.draftId);
    expect(draft).toMatchObject({ lifecycle: 'proposed', upstream: { revisionId: second } });
    expect(await world.file(made.draftId)).toBe(WEB.replace('web:1', 'web:2').replace('s: 1 #', 's: 3 #'));
    expect(await world.revisions(made.packageId)).toHaveLength(1);
    await world.publish(made.draftId);
    expect(await world.get(made.id)).toMatchObject({ state: 'upToDate' });
    // What no one wants any more is taken away again.
    const drafted = await world.patch(made.id, { mutations: [] });
    expect(drafted.state).toBe('drafted');
    const back = await world.patch(made.id, { mutations: [REPLICAS] });
    expect(back).toMatchObject({ state: 'upToDate', draftId: null });
    expect(await world.revisions(made.packageId)).toHaveLength(1);
  });

  it('keeps what somebody has changed in its draft, or says that it cannot', async () => {
    const blueprint = await world.blueprint('by-hand');
    const made = await world.make(blueprint.packageId);
    const own = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: own\n';
    await world.root.edit(made.draftId, { 'own.yaml': own });
    const second = await world.world.blueprint(
      'by-hand',
      { 'web.yaml': WEB.replace('web:1', 'web:2') },
      blueprint.revisionId,
    );
    const renewed = await world.settled(made.id);
    expect(renewed).toMatchObject({ state: 'drafted', draftId: made.draftId });
    expect(await world.file(made.draftId)).toContain('web:2');
    expect(await world.file(made.draftId, 'own.yaml')).toBe(own);
    await world.root.edit(made.draftId, { 'web.yaml': WEB.replace('web:1', 'web:ours') });
    await world.world.blueprint('by-hand', { 'web.yaml': WEB.replace('web:1', 'web:3') }, second);
    const torn = await world.settled(made.id);
    expect(torn).toMatchObject({ state: 'conflicted', reason: { code: 'handEdits' }, conflictCount: 1 });
    expect(await world.file(made.draftId)).toContain('web:ours');
    const [{ id: conflict }] = torn.conflicts as [{ id: string }];
    expect(await world.conflicts(made.id)).toMatchObject([
      { id: conflict, base: { value: 'web:2' }, ours: { value: 'web:ours' }, theirs: { value: 'web:3' } },
    ]);
    const settled = await world.patch(made.id, { resolutions: { [conflict]: { take: 'theirs' } } });
    expect(settled).toMatchObject({ state: 'drafted', reason: null, conflictCount: 0 });
    expect(await world.file(made.draftId)).toContain('web:3');
    expect(await world.file(made.draftId, 'own.yaml')).toBe(own);
  });

  it('lists what both sides have changed, and leaves a draft that stays as ours is', async () => {
    const blueprint = await world.blueprint('torn');
    const made = await world.make(blueprint.packageId, { updatePolicy: 'propose' });
    await world.root.expect(200, 'POST', `/package-revisions/${made.draftId}/reject`, undefined, { 'If-Match': '*' });
    await world.root.edit(made.draftId, { 'web.yaml': WEB.replace('web:1', 'web:ours') });
    await world.publish(made.draftId);
    await world.world.blueprint(
      'torn',
      { 'web.yaml': WEB.replace('web:1', 'web:2').replace('s: 1 #', 's: 2 #') },
      blueprint.revisionId,
    );
    const torn = await world.settled(made.id);
    expect(torn).toMatchObject({ state: 'conflicted', conflictCount: 1 });
    expect(torn.conflicts).toMatchObject([{ file: 'web.yaml', path: 'spec.template.spec.containers[name=web].image' }]);
    const [conflict] = await world.conflicts(made.id);
    expect(conflict).toMatchObject({
      id: torn.conflicts[0].id,
      of: 'field',
      object: { kind: 'Deployment' },
      resolution: null,
    });
    expect(conflict).toMatchObject({
      base: { value: 'web:1' },
      ours: { value: 'web:ours' },
      theirs: { value: 'web:2' },
    });
    const outsider = await world.world.as('outsider', { role: 'viewer', repositoryId: world.world.fleet });
    const hidden = await outsider.expect(200, 'GET', `/variants/${made.id}/conflicts`);
    expect(hidden.body, 'what the blueprint holds shows in them').toEqual({ conflicts: [] });
    const mistyped = { resolutions: { '0123456789abcdef': { take: 'theirs' } } };
    await world.root.expect(422, 'PATCH', `/variants/${made.id}`, mistyped, { 'If-Match': torn.etag });
    const draft = await world.root.revision(torn.draftId);
    expect(draft.lifecycle, 'nobody proposes what is in conflict').toBe('draft');
    const told = { type: 'Conflicted', reason: 'NotSettled', status: 'True' };
    expect(draft.conditions, 'its approver is told').toContainEqual(expect.objectContaining(told));
    expect(await world.file(torn.draftId)).toMatch(/replicas: 2 [^]*web:ours/);
    const settled = await world.patch(made.id, { defaultResolution: { all: 'theirs' } });
    expect(settled).toMatchObject({ state: 'drafted', draftId: torn.draftId, conflicts: [] });
    expect(await world.file(torn.draftId)).toMatch(/replicas: 2 [^]*web:2/);
    const proposed = await world.root.revision(torn.draftId);
    expect(proposed.lifecycle).toBe('proposed');
    expect(proposed.conditions).not.toContainEqual(expect.objectContaining({ type: 'Conflicted' }));
    expect(await world.conflicts(made.id)).toEqual([]);
  });

  it('is left alone once its draft is deleted, until something is another, or somebody asks', async () => {
    const blueprint = await world.blueprint('declined');
    const made = await world.make(blueprint.packageId);
    const drop = async (id: string) =>
      world.root.expect(204, 'DELETE', `/package-revisions/${id}`, undefined, { 'If-Match': '*' });
    await drop(made.draftId);
    expect(await world.settled(made.id)).toMatchObject({ state: 'declined', draftId: null });
    await world.root.expect(200, 'POST', `/variants/${made.id}/reconcile`);
    const again = await world.settled(made.id);
    expect(again.state).toBe('drafted');
    await drop(again.draftId);
    await world.world.blueprint('declined', { 'web.yaml': WEB.replace('web:1', 'web:2') }, blueprint.revisionId);
    expect((await world.settled(made.id)).state).toBe('drafted');
  });

  it('follows a range, one revision, or nothing by itself', async () => {
    const blueprint = await world.blueprint('followed');
    const ranged = await world.make(blueprint.packageId, { upstream: { follow: 'v1' } });
    const pinned = await world.make(blueprint.packageId, { upstream: { follow: blueprint.revisionId } });
    const still = await world.make(blueprint.packageId, { updatePolicy: 'none' });
    const none = await world.make(blueprint.packageId, { upstream: { follow: '~7' } });
    expect(still).toMatchObject({ state: 'outdated', draftId: null });
    expect(none).toMatchObject({ state: 'blocked', reason: { code: 'noRevision' } });
    const second = await world.world.blueprint(
      'followed',
      { 'web.yaml': WEB.replace('web:1', 'web:2') },
      blueprint.revisionId,
    );
    await world.quiet();
    for (const { id, draftId } of [ranged, pinned]) {
      expect(await world.get(id)).toMatchObject({ state: 'drafted', draftId });
      expect(await world.file(draftId)).toContain('web:1');
    }
    await world.root.expect(200, 'POST', `/variants/${still.id}/reconcile`);
    const asked = await world.settled(still.id);
    expect(asked.state).toBe('drafted');
    expect((await world.root.revision(asked.draftId)).upstream.revisionId).toBe(second);
    const moved = await world.patch(ranged.id, { upstream: { follow: 'latest' } });
    expect(await world.file(moved.draftId)).toContain('web:2');
  });

  it('says what stands in its way', async () => {
    const blueprint = await world.blueprint('blocked');
    const other = await world.blueprint('other');
    const taken = await world.world.deployment(other.revisionId, 'taken', {});
    const place = { downstream: { package: 'taken' } };
    const refused = await world.make(blueprint.packageId, place);
    expect(refused).toMatchObject({ state: 'blocked', reason: { code: 'packageExists' }, packageId: null });
    const foreign = await world.patch(refused.id, { adoption: 'adopt' });
    expect(foreign).toMatchObject({ state: 'blocked', reason: { code: 'otherPackage' } });
    const younger = await world.make(other.packageId, { ...place, adoption: 'adopt' });
    expect(younger).toMatchObject({ state: 'blocked', reason: { code: 'claimed' } });
    await world.root.expect(204, 'DELETE', `/variants/${refused.id}`, undefined, { 'If-Match': '*' });
    expect(await world.settled(younger.id)).toMatchObject({ state: 'upToDate' });
    await world.root.expect(404, 'GET', `/variants/${refused.id}`);
    const { packageId } = await world.root.revision(taken);
    expect((await world.get(younger.id)).packageId).toBe(packageId);
    const unnamed = await world.make(blueprint.packageId, {
      mutations: [{ ...REPLICAS, path: 'metadata.labels.a', value: '${target.labels.none}' }],
    });
    const message = 'Its target has no label "none".';
    expect(unnamed).toMatchObject({ state: 'blocked', reason: { code: 'unresolvedName', message } });
    const unmatched = await world.make(blueprint.packageId, { mutations: [{ ...REPLICAS, objects: { kind: 'Job' } }] });
    expect(unmatched).toMatchObject({ state: 'drafted', warnings: [expect.stringContaining('kind "Job"')] });
  });

  it('leaves its package, or proposes to delete it, when it goes', async () => {
    const blueprint = await world.blueprint('going');
    const kept = await world.make(blueprint.packageId);
    const gone = await world.make(blueprint.packageId, { deletion: 'proposeDeletion' });
    const edited = await world.make(blueprint.packageId);
    for (const { draftId } of [kept, gone]) await world.publish(draftId);
    await world.root.edit(edited.draftId, { 'own.yaml': 'a: 1\n' });
    const second = await world.patch(kept.id, { mutations: [REPLICAS] });
    for (const { id } of [kept, gone, edited]) {
      await world.root.expect(204, 'DELETE', `/variants/${id}`, undefined, { 'If-Match': '*' });
    }
    await world.quiet();
    for (const { id } of [kept, gone, edited]) await world.root.expect(404, 'GET', `/variants/${id}`);
    await world.root.expect(404, 'GET', `/package-revisions/${second.draftId}`);
    expect((await world.root.revision(kept.draftId)).lifecycle).toBe('published');
    expect((await world.root.revision(gone.draftId)).lifecycle).toBe('deletionProposed');
    expect((await world.root.revision(edited.draftId)).lifecycle).toBe('draft');
  });
});
