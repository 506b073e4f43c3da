import { vi } from 'vitest';
import { uuidv7 } from '../../src/domain/uuid.js';
import type { Steps } from './steps.js';
import { UpgradeWorld } from './upgrade-world.js';

export const WEB = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1 # a start
  template:
    spec:
      containers:
        - name: web
          image: web:1
`;

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
export type Body = Record<string, any>;

/** Variants of blueprints on a whole pkgserver. */
export class VariantWorld {
  private constructor(readonly world: UpgradeWorld) {}

  static async start(): Promise<VariantWorld> {
    return new VariantWorld(await UpgradeWorld.start());
  }

  get root(): Steps {
    return this.world.root;
  }

  get client() {
    return this.world.pkgserver.database.client;
  }

  stop(): Promise<void> {
    return this.world.stop();
  }

  /** The first revision of a new blueprint. */
  async blueprint(name: string, files: Record<string, string> = { 'web.yaml': WEB }) {
    const revisionId = await this.world.blueprint(name, files);
    return { revisionId, packageId: (await this.root.revision(revisionId)).packageId as string };
  }

  async make(upstreamPackageId: string, more: Body = {}, by: Steps = this.root): Promise<Body> {
    const name = `v-${uuidv7().slice(-8)}`;
    const { downstream, upstream, ...rest } = more;
    const { body } = await by.expect(201, 'POST', '/variants', {
      ...{ name, upstream: { packageId: upstreamPackageId, ...upstream } },
      downstream: { repositoryId: this.world.fleet, target: 'edge-1', package: name, ...downstream },
      ...rest,
    });
    return this.settled(body.id as string);
  }

  async get(id: string): Promise<Body> {
    return (await this.root.expect(200, 'GET', `/variants/${id}`)).body;
  }

  async patch(id: string, patch: Body, by: Steps = this.root): Promise<Body> {
    await by.expect(200, 'PATCH', `/variants/${id}`, patch, { 'If-Match': '*' });
    return this.settled(id);
  }

  /** Once nothing is due any more, and what has happened until now has reached it. */
  async settled(id: string): Promise<Body> {
    await this.quiet();
    return this.get(id);
  }

  /** Until every event has its number and was looked at, and nothing is due. */
  async quiet(): Promise<void> {
    const isQuiet = async () => {
      const [row] = await this.client.$queryRaw<{ quiet: boolean }[]>`
        SELECT NOT EXISTS (SELECT 1 FROM event_pending) AND n.last = c.position
          AND NOT EXISTS (SELECT 1 FROM variant WHERE due_at <= now()) AND NOT EXISTS (SELECT 1 FROM variant_set WHERE due_at <= now())
          AND NOT EXISTS (SELECT 1 FROM operation WHERE kind IN ('variants', 'push', 'discard') AND state IN ('queued', 'running')) AS quiet
        FROM event_numbers n, variant_cursor c`;
      if (!row?.quiet) throw new Error('Variants are not settled');
    };
    await vi.waitFor(isQuiet, { timeout: 60_000, interval: 50 });
  }

  /** Publishes the draft of a variant as it is. */
  async publish(draftId: string): Promise<void> {
    const draft = await this.root.revision(draftId);
    if (draft.lifecycle === 'draft') await this.root.propose(draftId);
    const approver = await this.world.as('approver', { role: 'admin' });
    const { state, error } = await approver.finished(await approver.approve(draftId));
    if (state !== 'succeeded') throw new Error(`Not published: ${JSON.stringify(error)}`);
    await this.quiet();
  }

  /** The revisions of a package, drafts too. */
  async revisions(packageId: string): Promise<Body[]> {
    const { body: found } = await this.root.expect(200, 'GET', `/packages/${packageId}`);
    const { body } = await this.root.expect(200, 'GET', `/package-revisions?path=${found.path}`);
    return body.items as Body[];
  }

  /** What is in conflict, with what each side holds. */
  async conflicts(id: string): Promise<Body[]> {
    return (await this.root.expect(200, 'GET', `/variants/${id}/conflicts`)).body.conflicts;
  }

  async file(revisionId: string, path = 'web.yaml'): Promise<string> {
    const { body } = await this.root.expect(200, 'GET', `/package-revisions/${revisionId}/resources`);
    return body.files[path].content as string;
  }
}
