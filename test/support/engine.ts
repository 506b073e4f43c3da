import type { Repository } from '../../src/database/generated/client.js';
import { parseGitUrl } from '../../src/domain/git-url.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { Visitor } from '../../src/operations/engine/visitor.js';
import { startWorld, type World, type WorldOptions } from './world.js';

/** A repository as an administrator registers it. */
export interface Registered {
  name: string;
  url: string;
  deployment?: boolean;
  directory?: string;
  ref?: string;
  discovery?: 'kptfile' | 'krm';
}

/** A world whose engine a test drives: the test decides when a visit happens. */
export interface TestEngine extends World {
  /** Registers a repository as the API does. */
  register(repository: Registered): Promise<Repository>;
  visit(repositoryId: string): Promise<void>;
  /** Forgets the mirror, as a lost disk would. */
  dropMirror(repositoryId: string): Promise<void>;
}

export async function startEngine(
  settings: Record<string, string> = {},
  options: WorldOptions = {},
): Promise<TestEngine> {
  const world = await startWorld(settings, options);
  return {
    ...world,
    register: (repository) => register(world, repository),
    visit: (id) => world.get(Visitor).visit(id),
    dropMirror: (id) => world.git.remove(id),
  };
}

async function register(
  { database }: World,
  { name, url, deployment = false, directory = '', ref = 'main', discovery = 'kptfile' }: Registered,
): Promise<Repository> {
  const now = new Date();
  return database.client.repository.create({
    data: {
      id: uuidv7(),
      name,
      url,
      urlKey: parseGitUrl(url).key,
      deployment,
      directory,
      ref,
      discovery: { mode: discovery },
      createdAt: now,
      createdBy: 'test',
      updatedAt: now,
      updatedBy: 'test',
      polling: { create: { nextSyncAt: now } },
    },
  });
}
