import { expect, it } from 'vitest';
import { DiscoveryWorld, KPTFILE } from '../support/discovery.js';

const world = DiscoveryWorld.create();

const kpt = (data: object): string => `kpt:${JSON.stringify({ package: 'nf/pkg', ...data })}`;

it('gives the same index again from Git alone: our dialect', async () => {
  const { remote } = world;
  const publish = async (revision: string, workspace: string) => {
    const upstream = `Upstream: https://example.com/up.git up/pkg up/pkg/v1 ${'a'.repeat(40)} ${'b'.repeat(40)}`;
    const trailers = `Package: nf/pkg\nWorkspace: ${workspace}\nRevision: ${revision}\nSource: clone\n${upstream}`;
    await remote.commit({
      files: { 'nf/pkg/Kptfile': KPTFILE, 'nf/pkg/n.yaml': `n: ${revision}\n` },
      message: `Publish nf/pkg/${revision}\n\n${kpt({ workspaceName: workspace, revision: revision.slice(1) })}\n\n${trailers}\n`,
    });
    await remote.tag(`nf/pkg/${revision}`);
  };
  for (const revision of ['v1', 'v2', 'v3']) await publish(revision, `work-${revision}`);
  const first = await world.discover();
  // The index follows step by step what the rebuilt one sees at once.
  await remote.deleteRef('refs/tags/nf/pkg/v3');
  await world.sync(first.id);
  await remote.branch('deletionProposed/nf/pkg/v2', 'nf/pkg/v2');
  await remote.branch('drafts/nf/pkg/next', 'main');
  await world.sync(first.id);
  const base = await remote.revParse('main');
  await remote.commit({
    branch: 'drafts/nf/pkg/next',
    files: { 'nf/pkg/n.yaml': 'n: next\n', 'nf/pkg/run.sh': '#!/bin/sh\n' },
    executable: ['nf/pkg/run.sh'],
    message: `Draft\n\nPackage: nf/pkg\nWorkspace: next\nBase: ${base}\nSource: copy v2\n`,
  });
  await remote.branch('proposed/nf/new/one', 'main');
  await remote.commit({ branch: 'proposed/nf/new/one', files: { 'nf/new/Kptfile': KPTFILE } });
  await remote.commit({ files: { 'untagged/Kptfile': KPTFILE } });
  await remote.tag('lost');
  await world.sync(first.id);
  const before = await world.snapshot(first.id);
  expect(before).toMatchObject({
    revisions: [
      { path: 'nf/new', lifecycle: 'proposed' },
      { path: 'nf/pkg', lifecycle: 'published', workspace: 'work-v1', source: { type: 'clone' } },
      { path: 'nf/pkg', lifecycle: 'deletionProposed', latest: true, upstream: { ref: 'up/pkg/v1' } },
      { path: 'nf/pkg', lifecycle: 'draft', source: { type: 'copy', revision: 'v2' }, baseCommit: base },
    ],
    counters: [{ path: 'nf/pkg', highest: 3 }],
    repository: { ignoredTags: 1 },
  });
  const second = await world.rebuild(first);
  // What a draft was when it was first seen is known only to who saw it.
  expect(withoutCreation(await world.snapshot(second.id))).toEqual(withoutCreation(before));
});

it('gives the same index again from Git alone: the other dialects', async () => {
  const { remote } = world;
  for (const revision of ['v1', 'v2']) {
    await remote.commit({
      files: { 'nf/pkg/Kptfile': `${KPTFILE}# ${revision}\n` },
      message: `Approve nf/pkg/${revision}\n\n${kpt({ revision })}\n`,
    });
    await remote.tag(`nf/pkg/${revision}`, { annotated: false });
  }
  await remote.branch('drafts/nf/pkg/v3', 'main');
  await remote.commit({
    branch: 'drafts/nf/pkg/v3',
    files: { 'nf/pkg/a.yaml': 'a: 1\n' },
    message: kpt({ revision: 'v3' }),
  });
  await remote.branch('nf/other/ws', 'main');
  await remote.commit({
    branch: 'nf/other/ws',
    files: { 'nf/other/Kptfile': KPTFILE },
    message: `Draft\n\npkg-server:${JSON.stringify({ package: 'other' })}\n`,
  });
  const first = await world.discover({ deployment: true });
  const before = await world.snapshot(first.id);
  expect(before).toMatchObject({
    revisions: [
      { path: 'nf/other', workspace: 'ws', target: 'nf', lifecycle: 'draft' },
      { path: 'nf/pkg', workspace: 'v1' },
      { path: 'nf/pkg', workspace: 'v2', latest: true },
      { path: 'nf/pkg', workspace: 'v3', lifecycle: 'draft', revision: null },
    ],
  });
  const second = await world.rebuild(first);
  expect(await world.snapshot(second.id)).toEqual(before);
});

function withoutCreation(snapshot: unknown): unknown {
  const hidden = new Set(['createdAt', 'createdBy']);
  return JSON.parse(
    JSON.stringify(snapshot, (key, value: unknown) =>
      hidden.has(key) ? undefined : typeof value === 'bigint' ? String(value) : value,
    ),
  );
}
