import type { TestEngine } from '../../support/engine.js';
import type { GitServer } from '../../support/git-server.js';
import { GitSnapshot } from '../../support/git-snapshot.js';
import { PublishingWorld } from '../../support/publishing.js';
import type { Random } from '../../support/random.js';
import { checkIndex, checkRefs, complaints } from './index.check.js';
import { Outsider } from './outsider.js';
import { People } from './people.js';
import { RandomRepository } from './random-repository.js';
import { checkVisit } from './visit.check.js';

/** Visits after which nothing may wait any more. */
const SETTLING = 6;

/** One random repository from its registration to the end: who does what, and what does not hold then. */
export class Run {
  readonly log: string[] = [];
  readonly #faults: string[] = [];
  #there!: GitSnapshot;

  private constructor(
    private readonly world: PublishingWorld,
    private readonly source: RandomRepository,
    private readonly people: People,
    private readonly outsider: Outsider,
    private readonly random: Random,
  ) {}

  static async begin(server: GitServer, engine: TestEngine, random: Random): Promise<Run> {
    const name = `r${random.seed}`;
    const { path } = await server.createRepository(name, { empty: true });
    const source = new RandomRepository(path, random.fork());
    await source.write();
    const world = await PublishingWorld.beside(server, engine, { name, ...source.plan });
    const people = new People(world, random.fork());
    return new Run(
      world,
      source,
      people,
      new Outsider(path, source.objects, source.plan, random.fork()),
      random.fork(),
    );
  }

  get outcomes(): ReadonlyMap<string, number> {
    return this.people.outcomes;
  }

  /** Gives what does not hold, and leaves nothing behind. */
  async play(): Promise<string[]> {
    const { id } = this.world.repository;
    try {
      this.log.push(`registered ${JSON.stringify(this.source.plan)}`);
      await this.look();
      this.log.push([...this.#there.refs.keys()].join(' '));
      await this.visit();
      for (let step = this.random.between(8, 25); step > 0 && this.#faults.length === 0; step -= 1) await this.step();
      if (this.#faults.length === 0) await this.end();
    } catch (error) {
      this.#faults.push(`threw ${error instanceof Error ? error.stack : String(error)}`);
    }
    await this.world.database.client.repository.deleteMany({ where: { id } });
    await this.world.engine.dropMirror(id);
    return [...this.#faults, ...this.people.faults];
  }

  private async step(): Promise<void> {
    const kind = this.random.weighted({ we: 55, they: 25, visit: 20 });
    if (kind === 'visit') return this.visit();
    if (kind === 'we') this.log.push(await this.people.act(this.#there));
    else {
      const act = await this.outsider.act(this.#there);
      if (act === null) return;
      this.log.push(act);
      await this.look();
    }
  }

  private async look(): Promise<void> {
    this.#there = await GitSnapshot.read(this.world.remote.path, this.#there);
  }

  private async visit(): Promise<void> {
    const { client } = this.world.database;
    const where = { repositoryId: this.world.repository.id };
    const before = this.#there;
    const heads = { ...where, headTree: { not: null } };
    const pathsNow = async () =>
      (await client.package.findMany({ where: heads, select: { path: true } })).map(({ path }) => path);
    const known = await pathsNow();
    await this.world.visitNow();
    await this.look();
    const operations = await client.operation.findMany({ where });
    const revisions = await client.packageRevision.findMany({ where });
    const said = operations.filter(({ state, error }) => state === 'failed' && error !== null);
    this.log.push(`visit: ${said.map(({ kind, error }) => `${kind} ${(error as { code: string }).code}`).join(', ')}`);
    const { directory, ref } = this.source.plan;
    const faults = checkVisit(before, this.#there, {
      directory,
      mainRef: `refs/heads/${ref}`,
      operations: new Map(operations.map((one) => [one.id, one])),
      revisions: new Map(revisions.map((one) => [one.id, one])),
      known: this.people.known,
      own: this.people.own,
      paths: { before: known, now: await pathsNow() },
    });
    for (const { kind, error } of said) {
      const { code, detail } = error as { code: string; detail: string };
      if (['internal', 'unavailable', 'remoteProtocolError', 'remoteRejected'].includes(code))
        faults.push(`${kind} failed: ${code} ${detail}`);
    }
    this.#faults.push(...faults);
  }

  private async end(): Promise<void> {
    const { client } = this.world.database;
    const where = { repositoryId: this.world.repository.id };
    for (let left = SETTLING; left > 0 && this.#faults.length === 0; left -= 1) {
      await this.visit();
      if ((await this.world.unfinished()) === 0) break;
    }
    if (this.#faults.length > 0) return;
    const waiting = await client.operation.findMany({ where: { ...where, state: { in: ['queued', 'running'] } } });
    // Somebody has put a file where the draft's directory should be, or a branch of their own where it is to be pushed, or where
    // that leaves no room for it: it says so, and waits until that is gone (test/integration/left-by-others).
    const told = /^A file stands where|commits of somebody else|^Git cannot hold the branch/;
    if (waiting.some(({ waitingFor }) => told.test(waitingFor ?? ''))) return;
    for (const { kind, waitingFor } of waiting) this.#faults.push(`${kind} waits for ever: ${waitingFor}`);
    const stuck = await client.packageRevision.findMany({ where: { ...where, gitState: 'pending' } });
    for (const { name, gitMessage } of stuck) this.#faults.push(`${name} is never pushed: ${gitMessage}`);
    for (const { what, from, to, paths } of this.people.derived) {
      if (!this.#there.has(from) || !this.#there.has(to)) continue;
      const others = this.#there.changes(from, to).filter((path) => !paths.includes(path));
      if (others.length > 0)
        this.#faults.push(`${what} changed ${others.map((one) => JSON.stringify(one)).join(', ')} as well`);
    }
    const row = await client.repository.findUniqueOrThrow({ where: { id: this.world.repository.id } });
    const [ready] = row.conditions as { type: string; status: string; reason: string; message: string }[];
    if (this.#there.refs.has(`refs/heads/${row.ref}`) && ready?.status !== 'True')
      this.#faults.push(`not Ready: ${JSON.stringify(row.conditions)}`);
    this.#faults.push(...(await checkRefs(this.world.engine, row.id, this.#there)));
    this.#faults.push(...(await complaints(this.world.remote.path, this.source.objects.written)));
    this.#faults.push(...(await checkIndex(this.world.engine, row)));
  }
}
