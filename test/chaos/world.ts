import { GitFixture } from '../support/git-fixture.js';
import type { Client } from './client.js';
import type { Cluster } from './cluster.js';
import { keepUpdateLog } from './update-log.js';

export interface WorldRepository {
  id: string;
  name: string;
  deployment: boolean;
  directory: string;
  /** The bare repository on disk. */
  path: string;
  url: string;
}

/** The repositories of one seed, new ones each time. */
export class World {
  constructor(readonly repositories: readonly WorldRepository[]) {}

  static async create(cluster: Cluster, client: Client, seed: string): Promise<World> {
    const repositories = await Promise.all(
      [
        { name: `catalog-${seed}`, deployment: false, directory: '' },
        { name: `fleet-${seed}`, deployment: true, directory: 'sites' },
      ].map(async (plan) => {
        const { path } = await cluster.git.createRepository(plan.name);
        await keepUpdateLog(path);
        // Fixtures find a package of somebody else, with a release that Git alone knows.
        const fixture = GitFixture.create(path);
        const package_ = plan.deployment ? 'sites/edge-1/hand' : 'hand';
        await fixture.commit({ files: { [`${package_}/made.yaml`]: 'apiVersion: v1\nkind: ConfigMap\n' } });
        await fixture.tag(`${package_}/v1`);
        const url = cluster.gitUrl(plan.name);
        return { ...plan, path, url, id: await register(client, { ...plan, url }) };
      }),
    );
    return new World(repositories);
  }

  byName(name: string): WorldRepository {
    const found = this.repositories.find((repository) => repository.name === name);
    if (!found) throw new Error(`There is no repository ${name}`);
    return found;
  }
}

/** Whoever is at it approves it too: who may approve what is no matter of chaos. */
const OWN = { selfApproval: true };

type Registration = Pick<WorldRepository, 'name' | 'url' | 'deployment' | 'directory'> & { policy?: object };

/** Registers a repository with a pkgserver and waits for its first sync. */
export async function register(
  client: Client,
  { name, url, deployment, directory, policy = OWN }: Registration,
): Promise<string> {
  const created = await client.post('/repositories', { name, deployment, policy, git: { url, directory } });
  if (created.status !== 201) throw new Error(`${name} was not registered: ${JSON.stringify(created.body)}`);
  const { id } = created.body;
  const synced = await client.post(`/repositories/${id}/sync`, undefined, { Prefer: 'wait=30' });
  if (synced.status !== 200) throw new Error(`${name} was not read: ${JSON.stringify(synced.body)}`);
  return id;
}
