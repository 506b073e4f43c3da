import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { largeFile, largeManifest, largePackage, type LargeShape, largeStream } from '../../data/large.js';
import { Random } from '../../data/random.js';
import { timed } from '../../report/statistics.js';
import type { Api } from '../../stage/api.js';
import { EventStream } from '../../stage/event-stream.js';
import type { Pkgserver } from '../../stage/pkgserver.js';
import { withClient } from '../../stage/postgres.js';
import type { Stage } from '../../stage/stage.js';
import type { Work } from './slopes.js';

const PARTS = {
  discovery: 'discovery',
  sync: 'sync with nothing changed',
  list: 'list page of revisions',
  'list of drafts': 'list page of drafts',
  packages: 'list page of packages',
  history: 'page of the history of a package',
  events: 'list page of events',
  files: 'list of the files of a revision',
  search: 'search by kind and name',
  clone: 'clone of a package',
  'approval of a clone': 'approval of a clone',
  copy: 'draft of the next version',
  event: 'a draft, until a reader has its event',
  edit: 'edit of one file',
  diff: 'diff of a draft with one file changed',
  approval: 'approval of that draft',
  preview: 'preview of an upgrade',
  memory: 'memory of the process at the most',
  disk: 'disk: database and mirror',
} as const;
export type Part = keyof typeof PARTS;

interface Revision {
  id: string;
  packageId: string;
  workspace: string;
}

/** What a repository of this shape goes through, and how long each part takes. */
export async function lifeOf(
  stage: Stage,
  name: string,
  shape: Omit<LargeShape, 'seed'>,
  grows: readonly Part[],
): Promise<Work[]> {
  const { seed, rounds } = stage.options;
  const { url } = await stage.imported(name, largeStream({ seed, ...shape }));
  return stage.withPkgserver({ row: name }, async (pkgserver) => {
    const { api } = pkgserver;
    const taken = new Map<Part, number[]>();
    const peaks = new Map<Part, number>();
    const measure = async (part: Part, work: () => Promise<unknown>) => {
      await pkgserver.forgetPeak();
      taken.set(part, [...(taken.get(part) ?? []), await timed(work)]);
      peaks.set(part, Math.max(peaks.get(part) ?? 0, (await pkgserver.memory()).peak / 2 ** 20));
    };
    let repositoryId = '';
    await measure('discovery', async () => (repositoryId = await api.register(name, url)));
    // What goes on behind a discovery (the history, the numbering of its events) is no part of what follows.
    await quiet(pkgserver);
    await timed(() => api.sync(repositoryId));
    for (let round = 0; round < rounds * 4; round += 1) await measure('sync', () => api.sync(repositoryId));

    const path = largePackage(0);
    const latest = await oneOf(api, `repository=${name}&path=${path}&latest=true`);
    const reads: Partial<Record<Part, string>> = {
      list: `/package-revisions?repository=${name}&pageSize=100`,
      'list of drafts': `/package-revisions?repository=${name}&lifecycle=draft&sort=-updatedAt&pageSize=100`,
      packages: `/packages?repository=${name}&pageSize=100`,
      history: `/packages/${latest.packageId}/history?pageSize=100`,
      events: '/events?pageSize=100',
      files: `/package-revisions/${latest.id}/files`,
      search: `/search?q=${encodeURIComponent('kind = ConfigMap AND name = config-3')}`,
    };
    for (const [part, read] of Object.entries(reads)) {
      for (let warmUp = 0; warmUp < 10; warmUp += 1) await api.bytes(read);
      for (let round = 0; round < rounds * 4; round += 1) await measure(part as Part, () => api.bytes(read));
    }

    const random = new Random(seed);
    const events = await EventStream.open(pkgserver, api.token);
    const create = async (request: object): Promise<string> => {
      const { body } = await api.send<{ id: string }>('POST', '/package-revisions', { repositoryId, ...request });
      return body.id;
    };
    const propose = (id: string) => api.send('POST', `/package-revisions/${id}/propose`, undefined, ANY);
    const clones: string[] = [];
    let before = latest.id;
    for (let round = 0; round < rounds; round += 1) {
      let [clone, draft] = ['', ''];
      const cloned = { package: `clone-${round}`, source: { type: 'clone', upstream: { revisionId: before } } };
      await measure('clone', async () => (clone = await create({ workspace: 'first', ...cloned })));
      await propose(clone);
      await measure('approval of a clone', () => api.approve(clone));
      clones.push(clone);
      const began = performance.now();
      const copied = { package: path, workspace: `next-${round}`, source: { type: 'copy', revisionId: before } };
      await measure('copy', async () => (draft = await create(splitPath(copied))));
      taken.set('event', [...(taken.get('event') ?? []), (await events.sees(draft)) - began]);
      for (let edit = 0; edit < 4; edit += 1) {
        const files = { [largeFile(1)]: largeManifest(1, random) };
        const resources = `/package-revisions/${draft}/resources`;
        await measure('edit', () => api.send('PATCH', resources, { files }, ANY));
        await measure('diff', () => api.bytes(`/package-revisions/diff?from=${before}&to=${draft}`));
      }
      await propose(draft);
      await measure('approval', () => api.approve(draft));
      const request = { to: { revisionId: draft } };
      await measure('preview', () => api.send('POST', `/package-revisions/${clone}/upgrade-previews`, request));
      before = draft;
    }
    events.close();
    const [most] = [...peaks].sort(([, left], [, right]) => right - left);
    taken.set('memory', [most?.[1] ?? Number.NaN]);
    taken.set('disk', [await diskOf(pkgserver)]);
    return [...taken].map(([part, values]) => ({
      ...{ work: `${name.replace(/-\d+$/, '')}: ${PARTS[part]}`, values, grows: grows.includes(part) },
      ...((part === 'memory' || part === 'disk') && { unit: 'MiB' as const }),
      ...(part === 'memory' && most && { notes: [`during: ${PARTS[most[0]]}`] }),
    }));
  });
}

const ANY = { 'if-match': '*' };

/** A request names the folders above a package as its realm. */
function splitPath<Request extends { package: string }>(request: Request): Request & { realm: string } {
  const at = request.package.lastIndexOf('/');
  return { ...request, realm: request.package.slice(0, at), package: request.package.slice(at + 1) };
}

async function oneOf(api: Api, filter: string): Promise<Revision> {
  const { body } = await api.send<{ items: Revision[] }>('GET', `/package-revisions?${filter}`);
  if (body.items[0] === undefined) throw new Error(`There is no revision with ${filter}.`);
  return body.items[0];
}

/** Waits until the process has used next to no CPU for a second. */
async function quiet(pkgserver: Pkgserver): Promise<void> {
  for (let before = await pkgserver.cpuSeconds(); ;) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const now = await pkgserver.cpuSeconds();
    if (now - before < 0.05) return;
    before = now;
  }
}

async function diskOf({ databaseUrl, dataDir }: Pkgserver): Promise<number> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes'),
  );
  const { stdout } = await promisify(execFile)('du', ['-sk', dataDir]);
  return Number(rows[0]?.bytes) / 2 ** 20 + Number.parseInt(stdout, 10) / 1024;
}
