import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GitFixture } from '../support/git-fixture.js';
import { GitServer } from '../support/git-server.js';
import { type Pkgserver, startPkgserver } from '../support/pkgserver.js';
import { Steps, configMap } from '../support/steps.js';

describe('while the remote is down', () => {
  let git: GitServer;
  let pkgserver: Pkgserver;
  let steps: Steps;
  let fixture: GitFixture;
  let repositoryId: string;

  beforeAll(async () => {
    git = await GitServer.start();
    pkgserver = await startPkgserver();
    steps = new Steps(pkgserver.url);
    const { url, path } = await git.createRepository('fleet');
    fixture = GitFixture.create(path);
    repositoryId = await steps.register({ name: 'fleet', url });
  });
  afterAll(async () => {
    await pkgserver?.stop();
    await git?.stop();
  });

  it('drafts are saved, read and proposed, a publication waits with its reason, and all of it arrives later', async () => {
    await git.down();
    const ids = [];
    for (const name of ['one', 'two', 'three']) ids.push(await steps.draft(repositoryId, name));
    for (let edit = 0; edit < 10; edit += 1) {
      for (const id of ids) await steps.edit(id, { 'config.yaml': configMap('edited', String(edit)) });
    }
    const [first = '', second = ''] = ids;
    const { body } = await steps.expect(200, 'GET', `/package-revisions/${first}/resources`);
    expect(body.files['config.yaml'].content).toContain('value: 9');
    await steps.propose(first);
    const publication = await steps.approve(first);
    await expect
      .poll(async () => (await steps.call('GET', `/operations/${publication}`)).body)
      .toMatchObject({ state: 'running', waitingFor: expect.stringMatching(/.+/) });
    expect(await steps.revision(second)).toMatchObject({ lifecycle: 'draft', git: { state: 'pending' } });
    // However often a draft was saved meanwhile, what waits for the remote is one push of it.
    const waiting = await pkgserver.database.client.operation.count({ where: { kind: 'push', finishedAt: null } });
    expect(waiting).toBeLessThanOrEqual(2 * ids.length);

    await git.up();
    expect(await steps.finished(publication)).toMatchObject({ state: 'succeeded' });
    await steps.pushed(second);
    const { tree } = await steps.revision(second);
    expect(await fixture.revParse('drafts/two/first:two')).toBe(tree);
    expect((await fixture.show('drafts/two/first:two/config.yaml')).toString()).toBe(configMap('edited', '9'));
    expect(await fixture.tags()).toEqual(['one/v1']);
  });

  it('one dead repository leaves the others alone', async () => {
    const dead = await steps.expect(201, 'POST', '/repositories', { name: 'dead', git: { url: git.url('nowhere') } });
    await git.createRepository('hanging');
    git.hang('hanging');
    const hanging = await steps.expect(201, 'POST', '/repositories', {
      name: 'hanging',
      git: { url: git.url('hanging') },
    });
    const id = await steps.draft(repositoryId, 'four');
    expect(await steps.publish(id)).toMatchObject({ revision: 'v1' });
    const ready = async (repository: string) =>
      (await steps.expect(200, 'GET', `/repositories/${repository}`)).body.status.conditions[0];
    await expect.poll(() => ready(dead.body.id)).toMatchObject({ status: 'False', reason: 'RepositoryNotFound' });
    await expect.poll(() => ready(hanging.body.id)).toMatchObject({ status: 'False', reason: 'Timeout' });
    await steps.expect(200, 'GET', '/package-revisions');
    expect(await ready(repositoryId)).toMatchObject({ status: 'True' });
    git.unhang('hanging');
  });
});
