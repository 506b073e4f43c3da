import { git } from '../support/git-command.js';
import { GitFixture } from '../support/git-fixture.js';
import type { Random } from '../support/random.js';
import type { WorldRepository } from './world.js';

const WEIGHTS = {
  commitElsewhere: 40,
  newPackage: 6,
  drift: 6,
  takeNumber: 6,
  moveTag: 4,
  deleteTag: 3,
  pushOnDraft: 6,
  forceDraft: 5,
  deleteDraft: 3,
  rejectDeletion: 2,
} as const;

/** Somebody who works on a repository with native git and knows nothing of pkgserver. */
export class ThirdParty {
  pushes = 0;
  private count = 0;
  private readonly fixture: GitFixture;

  constructor(
    private readonly repository: WorldRepository,
    private readonly random: Random,
  ) {
    this.fixture = GitFixture.create(repository.path);
  }

  /** One thing; a push that lost a race against pkgserver's is theirs to repeat, or not. */
  async act(): Promise<void> {
    const action = this.random.weighted(WEIGHTS);
    this.count += 1;
    const done = await this[action]().then(
      (result) => result,
      () => false,
    );
    if (done) this.pushes += 1;
  }

  private async commitElsewhere(): Promise<boolean> {
    await this.fixture.commit({ files: { [`theirs/${this.count}.txt`]: `${this.count}\n` } });
    return true;
  }

  private async newPackage(): Promise<boolean> {
    const prefix = this.repository.deployment ? `${this.repository.directory}/edge-9/` : '';
    const directory = `${prefix}made-${this.count}`;
    const files = { [`${directory}/a.yaml`]: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n' };
    // One file that no parser takes harms nothing but itself.
    await this.fixture.commit({ files: { ...files, [`${directory}/bad.yaml`]: '{[' } });
    if (this.random.chance(0.7)) await this.fixture.tag(`${directory}/v1`);
    return true;
  }

  private async drift(): Promise<boolean> {
    const directory = await this.somePackage();
    if (directory === null) return false;
    await this.fixture.commit({ files: { [`${directory}/config.yaml`]: `drift: ${this.count}\n` } });
    return true;
  }

  /** Tags what the ref holds with the number that pkgserver would give out next. */
  private async takeNumber(): Promise<boolean> {
    const directory = await this.somePackage();
    if (directory === null) return false;
    const tags = await this.refs(`refs/tags/${directory}/`);
    const numbers = tags.map(({ name }) => Number(/\/v(\d+)$/.exec(name)?.[1] ?? 0));
    await this.fixture.tag(`${directory}/v${1 + Math.max(0, ...numbers)}`, { annotated: this.random.chance(0.5) });
    return true;
  }

  private async moveTag(): Promise<boolean> {
    const tag = this.random.pick(await this.refs('refs/tags/'));
    const main = await this.fixture.revParse('main');
    return tag !== undefined && this.set(tag.name, main, tag.oid);
  }

  private async deleteTag(): Promise<boolean> {
    const tag = this.random.pick(await this.refs('refs/tags/'));
    return tag !== undefined && this.set(tag.name, null, tag.oid);
  }

  private async pushOnDraft(): Promise<boolean> {
    const branch = this.random.pick(await this.drafts());
    if (!branch) return false;
    const commit = await this.write(branch.name, branch.oid, [branch.oid]);
    return this.set(branch.name, commit, branch.oid);
  }

  /** Their version is on no line with ours. */
  private async forceDraft(): Promise<boolean> {
    const branch = this.random.pick(await this.drafts());
    if (!branch) return false;
    const main = await this.fixture.revParse('main');
    return this.set(branch.name, await this.write(branch.name, branch.oid, [main]), branch.oid);
  }

  private async deleteDraft(): Promise<boolean> {
    const branch = this.random.pick(await this.drafts());
    return branch !== undefined && this.set(branch.name, null, branch.oid);
  }

  private async rejectDeletion(): Promise<boolean> {
    const branch = this.random.pick(await this.refs('refs/heads/deletionProposed/'));
    return branch !== undefined && this.set(branch.name, null, branch.oid);
  }

  /** A commit with the tree of another one, but for one file of the package. */
  private async write(branch: string, onto: string, parents: readonly string[]): Promise<string> {
    const directory = branch.replace(/^refs\/heads\/(drafts|proposed)\//, '').replace(/\/[^/]+$/, '');
    const scratch = `chaos-scratch-${this.count}`;
    await this.fixture.branch(scratch, onto);
    await this.fixture.commit({
      branch: scratch,
      files: { [`${directory}/config.yaml`]: `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: t${this.count}\n` },
    });
    const tree = await this.fixture.revParse(`${scratch}^{tree}`);
    await this.fixture.deleteRef(`refs/heads/${scratch}`);
    const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-m', `Theirs ${this.count}`];
    const person = { GIT_AUTHOR_NAME: 'Bob', GIT_AUTHOR_EMAIL: 'bob@example.com' };
    const env = { ...person, GIT_COMMITTER_NAME: 'Bob', GIT_COMMITTER_EMAIL: 'bob@example.com' };
    return (await git(args, { gitDir: this.repository.path, env })).toString().trim();
  }

  /** Sets a ref that is still where they saw it, as `push --force-with-lease` does. */
  private async set(ref: string, next: string | null, old: string): Promise<boolean> {
    const args = next === null ? ['update-ref', '-d', ref, old] : ['update-ref', ref, next, old];
    await git(args, { gitDir: this.repository.path });
    return true;
  }

  private async somePackage(): Promise<string | null> {
    const paths = (await this.fixture.lsTree('main')).map(({ path }) => path);
    const owners = paths.filter((path) => path.endsWith('/Kptfile')).map((path) => path.replace(/\/Kptfile$/, ''));
    return this.random.pick(owners) ?? null;
  }

  private async drafts(): Promise<{ name: string; oid: string }[]> {
    return [...(await this.refs('refs/heads/drafts/')), ...(await this.refs('refs/heads/proposed/'))];
  }

  private async refs(prefix: string): Promise<{ name: string; oid: string }[]> {
    const refs = await this.fixture.refs();
    return [...refs].filter(([name]) => name.startsWith(prefix)).map(([name, oid]) => ({ name, oid }));
  }
}
