import { setTimeout as sleep } from 'node:timers/promises';
import { git } from '../../test/support/git-command.js';
import type { ApiClient, Page, Problem } from './api-client.js';
import { admit, giveToken, register } from './set-up.js';
import { terminal } from './terminal.js';

export interface World {
  api: ApiClient;
  /** Ends the walk between two steps. */
  signal: AbortSignal;
  catalogUrl: string;
  fleet: { url: string; path: string };
}

interface Revision {
  id: string;
  name: string;
  lifecycle: string;
  revision: string | null;
  latest: boolean;
  tag: string | null;
  branch: string | null;
  commit: string | null;
  publishedBy: string | null;
  git: { state: string };
  upstream: { ref: string; commit: string } | null;
}
interface Resources {
  files: Record<string, { content: string }>;
}

const short = (oid: string | null): string => (oid ?? '').slice(0, 7);

/** The main job, from finding a blueprint to deleting an old deployment, through the public API alone. */
export async function walk(world: World): Promise<void> {
  const { api, fleet } = world;
  terminal.step('Register a catalog and a deployment repository');
  const catalogId = await register(api, { name: 'blueprints', deployment: false, git: { url: world.catalogUrl } });
  const fleetId = await register(api, { name: 'fleet', deployment: true, git: { url: fleet.url } });

  terminal.step('Who may do what with what goes to edge sites; each gets a token');
  await admit(api, 'alice', { role: 'viewer', repositoryId: catalogId });
  await admit(api, 'alice', { role: 'author', repositoryId: fleetId, path: 'edge*/**' });
  await admit(api, 'alice', { role: 'approver', repositoryId: fleetId, path: 'edge*/**' });
  await admit(api, 'bob', { role: 'approver', repositoryId: fleetId, path: 'edge*/**' });
  await admit(api, 'mallory', { role: 'author', repositoryId: fleetId });
  for (const user of ['alice', 'bob', 'mallory']) await giveToken(api, user);

  terminal.step('Discover what the catalog offers');
  const blueprint = await discover(api);

  terminal.step('Clone web v2 for edge01: a draft, at once');
  const source = { type: 'clone', upstream: { revisionId: blueprint.id } };
  const draft = await create(api, {
    repositoryId: fleetId,
    target: 'edge01',
    package: 'web',
    workspace: 'first',
    source,
  });

  terminal.step('Edit it: five replicas. Saved at once; Git follows in the background');
  const before = await edit(api, draft.id, 'deployment.yaml', /replicas: \d+/, 'replicas: 5');
  await untilPushed(world, draft.id);

  terminal.step('A wrong try: someone else saves what they read before that');
  await editStale(api, draft.id, before);

  terminal.step('Alice proposes. Another wrong try: she approves her own work');
  const proposal = await propose(api, draft.id);
  await approveOwn(api, draft.id);

  terminal.step('Bob approves: a commit on main and a tag');
  const first = await approve(api, draft.id, proposal);

  terminal.step('The next revision: copy, edit, publish');
  const copy = { type: 'copy', revisionId: first.id };
  const next = await create(api, { repositoryId: fleetId, workspace: 'second', source: copy });
  await edit(api, next.id, 'service.yaml', /port: 80\b/, 'port: 8080');
  await approve(api, next.id, await propose(api, next.id));

  terminal.step('Delete the first revision, once its deletion was proposed');
  await remove(api, first.id);

  terminal.step('What native Git says of the deployment repository');
  await show(fleet.path, 'log', '--graph', '--oneline', '--decorate', 'main');
  await show(fleet.path, 'tag');
  await show(fleet.path, 'ls-tree', '-r', '--name-only', 'main');
}

async function approveOwn(api: ApiClient, id: string): Promise<void> {
  const call = { as: 'alice', ifMatch: '*', expect: 403 };
  const { status, body: problem } = await api.send<Problem>('POST', `/package-revisions/${id}/approve`, call);
  terminal.answer(status, `${problem.title} (${problem.code}): ${problem.detail}`);
}

async function discover(api: ApiClient): Promise<Revision> {
  const list = await api.send<Page<Revision>>('GET', '/package-revisions?repository=blueprints');
  terminal.answer(list.status, `${list.body.items.length} package revisions`);
  const rows = list.body.items.map(({ name, lifecycle, tag, latest }) => [
    name,
    lifecycle,
    `tag ${tag}`,
    latest ? 'latest' : '',
  ]);
  terminal.table(rows);
  const web = list.body.items.find(({ tag }) => tag === 'apps/web/v2');
  if (web === undefined) throw new Error('The list lacks apps/web/v2.');
  const objects = await api.send<Page<{ kind: string; name: string }>>('GET', `/package-revisions/${web.id}/objects`);
  terminal.answer(objects.status, objects.body.items.map(({ kind, name }) => `${kind}/${name}`).join(', '));
  return web;
}

async function create(api: ApiClient, body: object): Promise<Revision> {
  const { status, body: draft } = await api.send<Revision>('POST', '/package-revisions', {
    as: 'alice',
    body,
    expect: 201,
  });
  const origin = draft.upstream ? `, upstream ${draft.upstream.ref} at ${short(draft.upstream.commit)}` : '';
  terminal.answer(status, `${draft.lifecycle} ${draft.name}${origin}`);
  return draft;
}

/** Gives the ETag that the content had before. */
async function edit(api: ApiClient, id: string, file: string, from: RegExp, to: string): Promise<string> {
  const path = `/package-revisions/${id}/resources`;
  const read = await api.send<Resources>('GET', path);
  terminal.answer(read.status, Object.keys(read.body.files).join(', '));
  const old = read.body.files[file]?.content ?? '';
  const body = { files: { [file]: { content: old.replace(from, to) } } };
  const saved = await api.send('PATCH', path, { as: 'alice', ifMatch: read.etag, body, expect: 200 });
  terminal.answer(saved.status, `${file}: ${from.exec(old)?.[0]} → ${to}`);
  return read.etag;
}

async function untilPushed({ api, signal, fleet }: World, id: string): Promise<void> {
  let revision = await api.peek<Revision>(`/package-revisions/${id}`);
  const states = [revision.git.state];
  while (revision.git.state !== 'synced') {
    await sleep(100, undefined, { signal });
    revision = await api.peek<Revision>(`/package-revisions/${id}`);
    if (revision.git.state !== states.at(-1)) states.push(revision.git.state);
  }
  await api.send('GET', `/package-revisions/${id}`);
  terminal.answer(200, `git.state: ${states.join(' → ')}, branch ${revision.branch}`);
  await show(fleet.path, 'log', '--oneline', `${revision.branch}`);
}

async function editStale(api: ApiClient, id: string, staleEtag: string): Promise<void> {
  const body = { files: { 'deployment.yaml': null } };
  const call = { as: 'mallory', ifMatch: staleEtag, body, expect: 412 };
  const { status, body: problem } = await api.send<Problem>('PATCH', `/package-revisions/${id}/resources`, call);
  terminal.answer(status, `${problem.title} (${problem.code}): ${problem.detail}`);
}

/** Gives the ETag of what is to be approved. */
async function propose(api: ApiClient, id: string): Promise<string> {
  const proposed = await api.send<Revision>('POST', `/package-revisions/${id}/propose`, { as: 'alice', expect: 200 });
  terminal.answer(proposed.status, proposed.body.lifecycle);
  return proposed.etag;
}

async function approve(api: ApiClient, id: string, etag: string): Promise<Revision> {
  const call = { as: 'bob', ifMatch: etag, wait: true, expect: 200 };
  const { status, body: revision } = await api.send<Revision>('POST', `/package-revisions/${id}/approve`, call);
  const { lifecycle, publishedBy, commit, tag } = revision;
  terminal.answer(
    status,
    `${lifecycle} as ${revision.revision} by ${publishedBy}: commit ${short(commit)}, tag ${tag}`,
  );
  return revision;
}

async function remove(api: ApiClient, id: string): Promise<void> {
  const proposed = await api.send<Revision>('POST', `/package-revisions/${id}/propose-deletion`, {
    as: 'alice',
    expect: 200,
  });
  terminal.answer(proposed.status, `${proposed.body.revision} is ${proposed.body.lifecycle}`);
  const call = { as: 'bob', ifMatch: proposed.etag, wait: true, expect: 204 };
  const { status } = await api.send('DELETE', `/package-revisions/${id}`, call);
  terminal.answer(status, `gone, and with it the tag ${proposed.body.tag}`);
}

async function show(gitDir: string, ...args: string[]): Promise<void> {
  const output = await git(args, { gitDir });
  terminal.command(`git ${args.join(' ')}`, output.toString());
}
