import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, PkgserverProcess } from '../examples/demo/pkgserver-process.js';
import { SampleCatalog } from '../examples/demo/sample-catalog.js';
import { git } from '../test/support/git-command.js';
import { GitServer } from '../test/support/git-server.js';
import { interrupted } from './command.js';

/** What every walk publishes: the blueprint `apps/web`, cloned for edge01, with this line edited. */
const PUBLISHED = { tag: 'edge01/web/v1', file: 'edge01/web/deployment.yaml', line: 'replicas: 5' };

export interface Walk {
  /** Where the service is, who calls it, and the two repositories to register. */
  environment: Record<string, string>;
  /** Throws unless Git, asked by itself, holds what the walk was to publish. */
  checkPublished(): Promise<void>;
}

/** The running service with its embedded PostgreSQL, and a Git server beside it. */
export class World {
  private constructor(
    private readonly folder: string,
    private readonly gitServer: GitServer,
    private readonly pkgserver: PkgserverProcess,
  ) {}

  static async start(): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'pkgserver-sdks-'));
    const gitServer = await GitServer.start();
    const pkgserver = await PkgserverProcess.spawn(folder, await freePort(0), (error) => interrupted.abort(error));
    const world = new World(folder, gitServer, pkgserver);
    try {
      await pkgserver.ready(interrupted.signal);
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  /** Makes a catalog and an empty deployment repository for one walk. `name` goes into the names of both. */
  async prepareWalk(name: string): Promise<Walk> {
    const catalog = await this.gitServer.createRepository(`catalog-${name}`, { empty: true });
    const sample = new SampleCatalog(catalog.path);
    await sample.writeFirst();
    await sample.writeSecondWeb();
    const deployment = await this.gitServer.createRepository(`deployment-${name}`, { empty: true });
    const environment = {
      PKGSERVER_URL: this.pkgserver.url,
      PKGSERVER_TOKEN: (await readFile(this.pkgserver.adminTokenFile, 'utf8')).trim(),
      WALK: name,
      CATALOG_URL: catalog.url,
      DEPLOYMENT_URL: deployment.url,
    };
    return {
      environment,
      async checkPublished() {
        const blob = `${PUBLISHED.tag}:${PUBLISHED.file}`;
        const file = (await git(['show', blob], { gitDir: deployment.path })).toString();
        if (!file.includes(PUBLISHED.line)) throw new Error(`${PUBLISHED.file} lacks "${PUBLISHED.line}":\n${file}`);
      },
    };
  }

  async stop(): Promise<void> {
    await this.pkgserver.stop();
    await this.gitServer.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
