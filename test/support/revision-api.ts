import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Repository } from '../../src/database/generated/client.js';
import { startTestApi, type TestApi } from './api.js';
import { type Body, type Call, HttpClient } from './http-client.js';
import { addRepository } from './index-rows.js';

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

  /** The draft's row. */
  readonly row = () => this.api.database.client.packageRevision.findUnique({ where: { id: this.draft.id } });
}
