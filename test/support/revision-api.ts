import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Repository } from '../../src/database/generated/client.js';
import { startTestApi, type TestApi } from './api.js';
import { type Body, type Call, HttpClient } from './http-client.js';
import { addRepository, markPublished } from './index-rows.js';

/** A test API with one repository, `blueprints`, and a new draft in it for each test. */
export class RevisionApi {
  api!: TestApi;
  repository!: Repository;
  /** The draft of this test as the API answered its creation, and the paths of its revision and its content. */
  draft!: Body;
  revision!: string;
  resources!: string;
  #client!: HttpClient;
  #sequence = 0;

  /** Call at the top of a test file. */
  static create(): RevisionApi {
    const world = new RevisionApi();
    beforeAll(async () => {
      world.api = await startTestApi();
      world.#client = new HttpClient(world.api.url, { 'X-Remote-User': 'ada' });
      world.repository = await addRepository(world.api.database, { name: 'blueprints' });
    });
    afterAll(() => world.api.close());
    beforeEach(async () => {
      world.draft = (await world.#client.expect(201, 'POST', '/package-revisions', world.creation())).body;
      world.revision = `/package-revisions/${world.draft.id}`;
      world.resources = `${world.revision}/resources`;
    });
    return world;
  }

  readonly call: Call = (...request) => this.#client.call(...request);

  /** The body that creates a draft of another package. */
  readonly creation = (given: object = {}) => {
    this.#sequence += 1;
    const names = { package: `p${this.#sequence}`, workspace: 'one' };
    return { repositoryId: this.repository.id, ...names, source: { type: 'init' }, ...given };
  };

  /** Leaves the rows of a revision as its publication does: it is the latest, and the repository's ref holds it. */
  readonly publish = async (id: string, revision: string): Promise<Body> => {
    await markPublished(this.api.database, id, revision);
    return (await this.call('GET', `/package-revisions/${id}`)).body;
  };

  /** Leaves the package as a sync does that has seen a commit of somebody on the ref. */
  readonly moveHead = (packageId: string, headTree: string) =>
    this.api.database.client.package.update({
      where: { id: packageId },
      data: { headTree, headState: 'differs', headRevisionId: null, headChangedAt: new Date() },
    });

  /** The draft's row. */
  readonly row = () => this.api.database.client.packageRevision.findUnique({ where: { id: this.draft.id } });
}
