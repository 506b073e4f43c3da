import { afterEach, describe, expect, it } from 'vitest';
import { ContentService } from '../../src/content/content.service.js';
import { EngineStore } from '../../src/operations/engine/engine.store.js';
import { PollingStore } from '../../src/operations/engine/polling.store.js';
import { Visitor } from '../../src/operations/engine/visitor.js';
import { RetentionStore } from '../../src/retention/retention.store.js';
import { HistoryRecorder } from '../../src/operations/sync/history-recorder.js';
import { hasCorpora, serveBundle } from '../support/corpora.js';
import { startEngine } from '../support/engine.js';
import { git } from '../support/git-command.js';
import { GitServer } from '../support/git-server.js';
import { PublishingWorld } from '../support/publishing.js';

const KPTFILE = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: x\n';

let world: PublishingWorld;

const recorded = async (path: string, lost = false) => {
  const rows = await world.database.client.packageCommit.findMany({
    where: { repositoryId: world.repository.id, path, commit: { lostAt: lost ? { not: null } : null } },
    orderBy: { position: 'desc' },
  });
  return rows.map(({ oid }) => oid);
};
const told = async (path: string, revision = 'main') =>
  (await world.git('log', '--first-parent', '--format=%H', revision, '--', path)).split('\n').filter(Boolean);
const progress = () => world.database.client.refHistory.findFirstOrThrow();
const change = (path: string, value: string | null, more: object = {}) =>
  world.remote.commit({ files: { [`${path}/a.yaml`]: value === null ? null : `a: ${value}\n` }, ...more });

async function expectAsGit(paths: readonly string[]): Promise<void> {
  for (const path of paths) expect(await recorded(path), path).toEqual(await told(path));
}

describe.each(['native', 'javascript'])('the history of a ref (%s)', (transport) => {
  afterEach(() => world?.stop());
  const start = async (more: object = {}) => {
    world = await PublishingWorld.start({ settings: { GIT_TRANSPORT: transport }, ...more });
  };

  it('is what git log says of each package, of what was there and of what comes', async () => {
    await start();
    await world.remote.commit({ files: { 'nf/core/Kptfile': KPTFILE, 'nf/core/in/b.yaml': 'b: 1\n', 'x.txt': '1' } });
    await change('nf/web', '1');
    await change('nf/core/in', '2');
    await change('nf/web', null);
    await world.visitNow();
    await expectAsGit(['nf/core', 'nf/core/in', 'nf/web']);
    expect(await recorded('nf/web')).toHaveLength(2);
    const core = await world.publish('nf/late', 'one', { 'a.yaml': 'a: 1\n' });
    expect(await recorded('nf/late')).toEqual([core.commit]);
    await world.visitNow();
    await change('nf/late', '2');
    await world.visitNow();
    await expectAsGit(['nf/core', 'nf/web', 'nf/late']);
    const rows = await world.database.client.packageCommit.findMany({
      where: { path: 'nf/late' },
      orderBy: { position: 'asc' },
      include: { commit: true },
    });
    expect(rows.map(({ treeBefore, treeAfter }) => [treeBefore, treeAfter])).toEqual([
      [null, core.tree],
      [core.tree, await world.git('rev-parse', 'main:nf/late')],
    ]);
    expect(rows[0]).toMatchObject({ commit: { author: expect.stringContaining('grace <'), lostAt: null } });
    const before = await progress();
    await world.visitNow();
    expect(await progress()).toEqual(before);
  });

  it('marks what a ref that was rewritten does not hold any more, and takes it back where it comes again', async () => {
    await start();
    await change('core', '1');
    const fork = await change('core', '2');
    const [, third] = [await change('core', '3'), await change('core', '4')];
    await world.visitNow();
    await world.git('update-ref', 'refs/heads/main', fork);
    const other = await change('core', '5');
    await world.visitNow();
    await expectAsGit(['core']);
    expect(await recorded('core', true)).toEqual((await told('core', third)).slice(0, 2));
    await world.git('update-ref', 'refs/heads/main', third);
    await world.visitNow();
    await expectAsGit(['core']);
    expect(await recorded('core', true)).toEqual([other]);
    await world.git('update-ref', 'refs/heads/main', fork);
    await world.visitNow();
    await expectAsGit(['core']);
    // A line that has nothing to do with the one before.
    const tree = await world.git('rev-parse', `${other}^{tree}`);
    const root = await world.git(
      '-c',
      'user.name=x',
      '-c',
      'user.email=x@example.com',
      'commit-tree',
      '-m',
      'new',
      tree,
    );
    await world.git('update-ref', 'refs/heads/main', root);
    await world.visitNow();
    await expectAsGit(['core']);
    expect(await recorded('core')).toEqual([root]);
  });

  it('has a merge as one change, and not what was merged', async () => {
    await start();
    const merge = async (name: string) => {
      await world.remote.branch(name, 'main');
      for (const value of ['1', '2']) await change('core', `${name}-${value}`, { branch: name });
      await change('web', name);
      const tree = await world.git('merge-tree', '--write-tree', 'main', name);
      const who = ['-c', 'user.name=x', '-c', 'user.email=x@example.com'];
      const parents = ['-p', 'main', '-p', name, '-m', 'Merge'];
      await world.git('update-ref', 'refs/heads/main', await world.git(...who, 'commit-tree', tree, ...parents));
    };
    await merge('side');
    await world.visitNow();
    await expectAsGit(['core', 'web']);
    expect(await recorded('core')).toHaveLength(1);
    await merge('again');
    await world.visitNow();
    await expectAsGit(['core', 'web']);
    expect(await recorded('core')).toHaveLength(2);
  });

  it('from before it was recorded is recorded step by step, without a gap, while others come and go', async () => {
    await start();
    const numbers = Array.from({ length: 600 }, (_, number) => number);
    const who = 'committer A <a@example.com> 1700000000 +0000';
    const stream = numbers.map((number) => {
      const file = `M 100644 inline pkg-${number % 3}/a.yaml\ndata ${String(number).length}\n${number}\n`;
      return `commit refs/heads/main\n${who}\ndata 1\nx\n${number === 0 ? 'from refs/heads/main^0\n' : ''}${file}`;
    });
    await git(['fast-import', '--quiet'], { gitDir: world.remote.path, input: stream.join('\n') });
    const paths = ['pkg-0', 'pkg-1', 'pkg-2'];
    // As an upgrade leaves it: the index is there, and no history.
    Object.assign(world.get(HistoryRecorder), { catchUp: () => Promise.resolve(false) });
    await world.visitNow();
    await world.database.client.refHistory.deleteMany({});
    await world.visitNow();
    Reflect.deleteProperty(world.get(HistoryRecorder), 'catchUp');
    await change('pkg-1', 'new');
    await world.visitNow();
    expect(await progress()).toMatchObject({ next: null });
    await expectAsGit(paths);
  });

  it('keeps what each commit made of a package, of before it was registered and of since, and reads it where it is tagged', async () => {
    await start();
    const { client } = world.database;
    const pod = (name: string) => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n`;
    const commits: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      commits.push(await world.remote.commit({ files: { 'core/Kptfile': KPTFILE, 'core/pod.yaml': pod(name) } }));
      await change('no-package', name);
    }
    await world.remote.tag('core/v1');
    await world.visitNow();
    const rows = () => client.packageCommit.findMany({ where: { path: 'core' }, orderBy: { position: 'asc' } });
    const [first, second, third] = (await rows()).map(({ treeAfter }) => treeAfter ?? '');
    const keptTrees = async () =>
      Object.fromEntries((await client.packageTree.findMany()).map(({ oid, parsed }) => [oid, parsed]));
    expect(await keptTrees()).toEqual({ [`${first}`]: false, [`${second}`]: false, [`${third}`]: true });
    expect((await client.krmObject.findMany({ where: { kind: 'Pod' } })).map(({ name }) => name)).toEqual(['three']);
    expect(await new RetentionStore(world.database).findUnused('package_tree', 10)).toEqual([]);
    // What is a version is read, though its bytes are there.
    await world.remote.tag('core/v0.5', { at: commits[1] });
    for (const name of ['four', 'five']) await world.remote.commit({ files: { 'core/pod.yaml': pod(name) } });
    await world.visitNow();
    expect((await client.krmObject.findMany({ where: { kind: 'Pod' } })).map(({ name }) => name).sort()).toEqual([
      'five',
      'three',
      'two',
    ]);
    const [, , , fourth, fifth] = (await rows()).map(({ treeAfter }) => treeAfter ?? '');
    expect(await keptTrees()).toMatchObject({ [`${second}`]: true, [`${fourth}`]: false, [`${fifth}`]: true });
    // A person who brings a commit’s content back by an edit makes it one of the index.
    const files = [{ path: 'Kptfile', mode: '100644', content: Buffer.from(KPTFILE) }];
    const one = { path: 'pod.yaml', mode: '100644', content: Buffer.from(pod('one')) };
    expect((await world.get(ContentService).savePackage([...files, one])).oid).toBe(first);
    expect(await keptTrees()).toMatchObject({ [`${first}`]: true });
    expect(await client.krmObject.count({ where: { name: 'one' } })).toBe(1);
  });

  it('is recorded where an upgrade finds none, though no ref has moved since', async () => {
    await start();
    for (const value of ['1', '2', '3']) await change('core', value);
    await world.visitNow();
    const { client } = world.database;
    const repositoryId = world.repository.id;
    const isDue = async () => (await world.get(EngineStore).due(20)).includes(repositoryId);
    const poll = (data: object) => client.repositoryPolling.update({ where: { repositoryId }, data });
    await client.refHistory.deleteMany({});
    await poll({ nextSyncAt: new Date() });
    expect(await isDue()).toBe(false);
    await poll({ historyDue: true });
    expect(await isDue()).toBe(true);
    expect(await world.get(PollingStore).claim(20, 60)).toEqual([]);
    await world.get(Visitor).visit(repositoryId);
    expect(await recorded('core')).toHaveLength(3);
    await poll({ nextSyncAt: new Date() });
    expect(await isDue()).toBe(false);
    expect(await world.get(PollingStore).claim(20, 60)).toMatchObject([{ id: repositoryId }]);
  });

  it('knows paths below the repository’s directory alone', async () => {
    await start({ directory: 'base' });
    await change('base/core', '1');
    await change('core', '1');
    await world.visitNow();
    expect(await recorded('core')).toEqual(await told('base/core'));
  });
});

const WITHOUT_KPTFILES = ['kubernetes-examples', 'flux2-kustomize-helm-example'];

describe.skipIf(!hasCorpora)('the histories of real catalogs', () => {
  it.each([
    'nephio-catalog',
    'nephio-example-packages',
    'kpt-samples',
    'pkgserver-demo-catalog',
    'kubernetes-examples',
    'flux2-kustomize-helm-example',
  ])(
    '%s is what git log says of each package',
    async (name) => {
      const server = await GitServer.start();
      const engine = await startEngine();
      try {
        const discovery = WITHOUT_KPTFILES.includes(name) ? 'krm' : 'kptfile';
        const { id } = await engine.register({ name, url: await serveBundle(server, name), discovery });
        await engine.visit(id);
        const gitDir = `${server.root}/${name}.git`;
        const packages = await engine.database.client.package.findMany({ where: { repositoryId: id } });
        const paths = packages.map(({ path }) => path);
        expect(paths.length).toBeGreaterThan(0);
        const { ref } = await engine.database.client.repository.findUniqueOrThrow({ where: { id } });
        const asked = ['log', '--first-parent', '-m', '--raw', '-t', '--no-renames', '--format=@%H', ref];
        const log = await git(asked, { gitDir });
        const commits = new Map<string, string[]>();
        for (const block of log.toString().split('@').slice(1)) {
          const [oid = '', ...lines] = block.split('\n');
          for (const line of lines) {
            const path = line.split('\t')[1];
            if (path !== undefined) commits.set(path, [...(commits.get(path) ?? []), oid]);
          }
        }
        const rows = await engine.database.client.packageCommit.findMany({
          where: { repositoryId: id },
          orderBy: { position: 'desc' },
        });
        for (const path of paths) {
          const found = rows.filter((row) => row.path === path).map(({ oid }) => oid);
          expect(found, path).toEqual(commits.get(path) ?? []);
        }
        expect(rows.length).toBeGreaterThan(0);
      } finally {
        await engine.close();
        await server.stop();
      }
    },
    60_000,
  );
});
