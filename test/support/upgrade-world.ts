import { uuidv7 } from '../../src/domain/uuid.js';
import { GitServer } from './git-server.js';
import { HttpClient } from './http-client.js';
import { type Pkgserver, startPkgserver } from './pkgserver.js';
import { type GivenRole, signIn } from './sign-in.js';
import { Steps } from './steps.js';

export type Files = Record<string, string | null>;

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** A catalog of blueprints and a fleet of what is made from them, on a server where everybody signs in; `root` may do all. */
export class UpgradeWorld {
  private constructor(
    readonly git: GitServer,
    readonly pkgserver: Pkgserver,
    readonly root: Steps,
    private readonly approver: Steps,
    readonly catalog: string,
    readonly fleet: string,
  ) {}

  static async start(): Promise<UpgradeWorld> {
    const git = await GitServer.start();
    const pkgserver = await startPkgserver({ AUTH: 'required' });
    const admin = async (name: string) =>
      new Steps(pkgserver.url, bearer(await signIn(pkgserver.database, name, { role: 'admin' })));
    const [root, approver] = [await admin('root'), await admin('approver')];
    const { url } = await git.createRepository('blueprints');
    const catalog = await root.register({ name: 'blueprints', url });
    const fleet = await git.createRepository('fleet');
    const deployments = await root.register({ name: 'fleet', url: fleet.url, deployment: true });
    return new UpgradeWorld(git, pkgserver, root, approver, catalog, deployments);
  }

  async stop(): Promise<void> {
    await this.pkgserver.stop();
    await this.git.stop();
  }

  /** Somebody with these roles. */
  async as(name: string, ...roles: GivenRole[]): Promise<Steps> {
    const user = `${name}-${uuidv7().slice(-6)}`;
    return new Steps(this.pkgserver.url, bearer(await signIn(this.pkgserver.database, user, ...roles)));
  }

  /** Publishes the next revision of a blueprint, `from` another one, with these files. */
  async blueprint(name: string, files: Files, from?: string, by: Steps = this.root): Promise<string> {
    const source = from === undefined ? { type: 'init' } : { type: 'copy', revisionId: from };
    return this.publish({ repositoryId: this.catalog, package: name, source }, files, by);
  }

  /** Publishes what was made of a revision of a blueprint, with these files. */
  async deployment(upstream: string, name: string, files: Files, by: Steps = this.root): Promise<string> {
    const source = { type: 'clone', upstream: { revisionId: upstream } };
    return this.publish({ repositoryId: this.fleet, target: 'edge-1', package: name, source }, files, by);
  }

  /** Publishes the next revision of a deployment. */
  async next(from: string, files: Files, by: Steps = this.root): Promise<string> {
    const { package: name } = await this.root.revision(from);
    const source = { type: 'copy', revisionId: from };
    return this.publish({ repositoryId: this.fleet, target: 'edge-1', package: name, source }, files, by);
  }

  /** Publishes what is proposed. */
  async approve(id: string): Promise<void> {
    await this.approver.finished(await this.approver.approve(id));
  }

  async preview(id: string, request: object = {}, by: HttpClient = this.root) {
    const path = `/package-revisions/${id}/upgrade-previews`;
    return (await by.expect(201, 'POST', path, { to: 'newest', ...request })).body;
  }

  private async publish(draft: object, files: Files, by: Steps): Promise<string> {
    const workspace = `w-${uuidv7().slice(-8)}`;
    const { body } = await by.expect(201, 'POST', '/package-revisions', { ...draft, workspace });
    if (Object.keys(files).length > 0) await by.edit(body.id, files);
    await by.propose(body.id);
    await this.approve(body.id as string);
    return body.id as string;
  }
}
