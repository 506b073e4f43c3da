import { describe, expect, it } from 'vitest';
import { CredentialVault } from '../../src/vault/credential-vault.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { DiscoveryWorld, KPTFILE } from '../support/discovery.js';

const world = DiscoveryWorld.create({ settings: { GIT_TIMEOUT_SECONDS: '1' } });

async function register(url: string, name = `${world.name}-bad`): Promise<string> {
  return (await world.engine.register({ name, url })).id;
}

describe('a remote that cannot be read', () => {
  it.each<[string, () => Promise<string> | string, string]>([
    ['has a name that does not resolve', () => 'https://no-such-host.invalid/a.git', 'Unreachable'],
    ['refuses the connection', () => 'http://127.0.0.1:1/a.git', 'Unreachable'],
    ['is on a host that is not allowed', () => 'https://169.254.169.254/a.git', 'HostRefused'],
    ['has no such repository', () => world.server.url('no/such'), 'RepositoryNotFound'],
    [
      'wants a credential',
      async () => {
        const { url } = await world.server.createRepository(`${world.name}-private`);
        world.server.requireBasic(`${world.name}-private`, 'user', 'secret');
        return url;
      },
      'AuthenticationFailed',
    ],
    [
      'hangs',
      async () => {
        const { url } = await world.server.createRepository(`${world.name}-hanging`);
        world.server.hang(`${world.name}-hanging`);
        return url;
      },
      'Timeout',
    ],
  ])('%s: Ready is False with a reason, and another repository is read meanwhile', async (_, url, reason) => {
    const bad = await register(await url());
    await world.remote.commit({ files: { 'a/Kptfile': KPTFILE } });
    await world.remote.tag('a/v1');
    const [, good] = await Promise.all([world.sync(bad), world.discover()]);
    expect(await world.ready(bad)).toMatchObject({ status: 'False', reason, message: expect.stringMatching(/.{10}/) });
    expect(await world.ready(good.id)).toMatchObject({ status: 'True' });
    expect(await world.published(good.id)).toEqual(['a@v1']);
  });

  it('keeps what was read before, and is Ready again when the remote is back', async () => {
    await world.remote.commit({ files: { 'a/Kptfile': KPTFILE } });
    await world.remote.tag('a/v1');
    const { id } = await world.discover();
    const since = (await world.ready(id)) as { lastTransitionTime?: string } | undefined;
    await world.server.down();
    await world.sync(id);
    expect(await world.ready(id)).toMatchObject({ status: 'False', reason: 'Unreachable' });
    expect(await world.published(id)).toEqual(['a@v1']);
    await world.server.up();
    // Nothing changed meanwhile: the index stays, and the condition still has to follow.
    await world.sync(id);
    expect(await world.ready(id)).toMatchObject({ status: 'True', reason: 'Synced' });
    expect((await world.ready(id)) as object).not.toEqual(since);
    await world.remote.tag('a/v2');
    await world.sync(id);
    expect(await world.published(id)).toEqual(['a@v1', 'a@v2']);
  });

  it('is tried again later, not at once', async () => {
    const id = await register('http://127.0.0.1:1/a.git');
    await world.sync(id);
    const polling = await world.database.repositoryPolling.findUniqueOrThrow({ where: { repositoryId: id } });
    expect(polling.nextSyncAt.getTime()).toBeGreaterThan(Date.now());
    expect(polling.lastSyncedAt).toBeNull();
  });

  it('is read with the right credential, after a wrong one', async () => {
    await world.remote.commit({ files: { 'a/Kptfile': KPTFILE } });
    world.server.requireBasic(world.name, 'user', 'right');
    const vault = world.engine.get(CredentialVault);
    const id = await register(world.server.url(world.name));
    const use = async (password: string) => {
      const now = new Date();
      const credentialId = uuidv7();
      await world.database.credential.create({
        data: {
          ...{ id: credentialId, name: credentialId, type: 'basic', username: 'user' },
          sealed: vault.seal(credentialId, { password }),
          ...{ createdAt: now, createdBy: 'alice', updatedAt: now, updatedBy: 'alice' },
        },
      });
      await world.database.repository.update({ where: { id }, data: { credentialId } });
      await world.sync(id);
    };
    await use('wrong');
    expect(await world.ready(id)).toMatchObject({ status: 'False', reason: 'AuthenticationFailed' });
    expect(JSON.stringify(await world.ready(id))).not.toContain('wrong');
    await use('right');
    expect(await world.ready(id)).toMatchObject({ status: 'True' });
    expect(await world.heads(id)).toEqual(['a']);
  });
});

describe('a ref', () => {
  it('need not exist in an empty repository, nor while it holds nothing but drafts', async () => {
    const remote = await world.newRemote(true);
    const name = remote.path.split('/').pop()?.replace('.git', '') ?? '';
    const id = await register(world.server.url(name), name);
    await world.sync(id);
    expect(await world.ready(id)).toMatchObject({ status: 'True', reason: 'Synced' });
    expect(await world.repository(id)).toMatchObject({ commit: null });
    await remote.commit({ branch: 'drafts/a/one', files: { 'a/Kptfile': KPTFILE } });
    await world.sync(id);
    expect(await world.ready(id)).toMatchObject({ status: 'True' });
    expect(await world.revisions(id)).toMatchObject([{ path: 'a', workspace: 'one', baseCommit: null }]);
    await remote.commit({ files: { 'a/Kptfile': KPTFILE } });
    await world.sync(id);
    expect(await world.heads(id)).toEqual(['a']);
  });

  it('that is missing among others is reported, and found once it is there', async () => {
    const { id } = await world.discover({ ref: 'release' });
    expect(await world.ready(id)).toMatchObject({ status: 'False', reason: 'RefNotFound' });
    expect((await world.ready(id))?.message).toContain('release');
    await world.remote.commit({ branch: 'release', files: { 'a/Kptfile': KPTFILE } });
    await world.sync(id);
    expect(await world.ready(id)).toMatchObject({ status: 'True' });
    expect(await world.heads(id)).toEqual(['a']);
  });

  it('may have a slash in its name', async () => {
    await world.remote.commit({ branch: 'releases/a', files: { 'a/Kptfile': KPTFILE } });
    const { id } = await world.discover({ ref: 'releases/a' });
    expect(await world.heads(id)).toEqual(['a']);
    expect(await world.drafts(id)).toEqual([]);
  });
});
