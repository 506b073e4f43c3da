import type { PackageRevision } from '../../../src/database/generated/client.js';
import { packageDirectory } from '../../../src/domain/identity.js';
import { DomainError } from '../../../src/domain/errors.js';
import type { Lifecycle } from '../../../src/domain/lifecycle.js';
import type { NewRevision } from '../../../src/features/package-revisions/authoring/origin.service.js';
import { AuthoringService } from '../../../src/features/package-revisions/authoring/authoring.service.js';
import type { GitSnapshot } from '../../support/git-snapshot.js';
import type { PublishingWorld } from '../../support/publishing.js';
import type { Random } from '../../support/random.js';
import { someone } from '../../support/service-callers.js';
import { configMap } from './random-repository.js';

const WITH: Record<Lifecycle, Partial<Record<Action, number>>> = {
  draft: { edit: 30, propose: 35, remove: 6, rebase: 14, overwrite: 6, resolve: 6, approve: 2 },
  proposed: { approve: 60, reject: 10, withdraw: 10, overwrite: 8, remove: 5, resolve: 5, edit: 2 },
  published: { copy: 35, copyHead: 8, clone: 14, proposeDeletion: 30, edit: 2, remove: 2 },
  deletionProposed: { remove: 60, rejectDeletion: 20, copy: 10 },
};

type Action =
  | 'edit'
  | 'propose'
  | 'reject'
  | 'withdraw'
  | 'approve'
  | 'remove'
  | 'rebase'
  | 'overwrite'
  | 'resolve'
  | 'copy'
  | 'copyHead'
  | 'clone'
  | 'proposeDeletion'
  | 'rejectDeletion';

/** A content that was made of another one: they may differ in these paths. */
export interface Derived {
  what: string;
  from: string;
  to: string;
  paths: string[];
}

/** The users of a pkgserver at work on one repository, and what a publication of theirs may replace on the ref. */
export class People {
  /** Of each draft that was made here, and each that was rebased or told to overwrite: what it was told that the ref holds of its package. */
  readonly known = new Map<string, (string | null)[]>();
  /** The drafts that were made here: what others merge into their branches by hand is not how these know of the ref. */
  readonly own = new Set<string>();
  readonly derived: Derived[] = [];
  readonly faults: string[] = [];
  readonly outcomes = new Map<string, number>();
  #count = 0;

  constructor(
    private readonly world: PublishingWorld,
    private readonly random: Random,
  ) {}

  /** Does one thing; gives it in words. `there` holds at least all that the index was read from. */
  async act(there: GitSnapshot): Promise<string> {
    const { client } = this.world.database;
    const rows = await client.packageRevision.findMany({ where: { repositoryId: this.world.repository.id } });
    rows.sort((a, b) => (a.name < b.name ? -1 : 1));
    const open = rows.filter(({ lifecycle }) => lifecycle !== 'published');
    const row = this.random.pick(open.length > 0 && this.random.chance(0.6) ? open : rows);
    const heads = await client.package.findMany({
      where: { repositoryId: this.world.repository.id, headState: 'unpublished' },
      orderBy: { path: 'asc' },
    });
    this.#count += 1;
    if (row === undefined || this.random.chance(0.1)) {
      const head = this.random.chance(0.5) ? this.random.pick(heads) : undefined;
      if (head)
        return this.create(`copy of the head of ${head.path}`, { source: { type: 'copy', packageId: head.id } }, there);
      return this.create('init', { ...this.place(), source: { type: 'init' } }, there);
    }
    return this.work(this.random.weighted(WITH[row.lifecycle]), row, there);
  }

  private async work(action: Action, row: PackageRevision, there: GitSnapshot): Promise<string> {
    const { id } = row;
    const { world, random } = this;
    const what = `${action} ${row.path}/${row.workspace}${row.revision ? `@${row.revision}` : ''}`;
    const knows = async () => this.known.set(id, [...(this.known.get(id) ?? []), await this.indexed(row, there)]);
    switch (action) {
      case 'edit':
        return this.edit(what, row);
      case 'rebase':
        return this.try(what, () => world.rebase(id), knows);
      case 'overwrite':
        return this.try(what, () => world.overwriteHead(id), knows);
      case 'copy': {
        const overwriteHead = random.chance(0.2) || undefined;
        return this.create(what, { source: { type: 'copy', revisionId: id }, overwriteHead }, there, row);
      }
      case 'copyHead':
        return this.create(what, { source: { type: 'copy', packageId: row.packageId } }, there);
      case 'clone':
        return this.create(
          what,
          { ...this.place(), source: { type: 'clone', upstream: { revisionId: id } } },
          there,
          row,
        );
      case 'propose':
        return this.try(what, () => world.propose(id));
      case 'approve':
        return this.try(what, () => world.approvals.approve(id, someone('grace'), { ifMatch: '*' }));
      case 'reject':
        return this.try(what, () => world.lifecycle.reject(id, 'grace', undefined, 'No'));
      case 'withdraw':
        return this.try(what, () => world.lifecycle.withdraw(id, someone('ada')));
      case 'resolve':
        return this.try(what, () => world.resolve(id, random.chance(0.5) ? 'draft' : 'remote'));
      case 'proposeDeletion': {
        const head = random.pick(['restore', 'restore', 'keep', undefined] as const);
        const proposal = { force: random.chance(0.7), head };
        return this.try(`${what} ${head}`, () => world.lifecycle.proposeDeletion(id, proposal, someone('grace')));
      }
      case 'rejectDeletion':
        return this.try(what, () => world.lifecycle.rejectDeletion(id, 'grace'));
      case 'remove': {
        const force = random.chance(0.3);
        const any = { ifMatch: '*' };
        return this.try(`${what}${force ? ' by force' : ''}`, () =>
          world.lifecycle.delete(id, someone('grace'), any, force),
        );
      }
    }
  }

  private async edit(what: string, row: PackageRevision): Promise<string> {
    const path = this.random.pick(['config.yaml', 'own.yaml', 'more/own.yaml', 'Kptfile']) ?? '';
    const kptfile = `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: o${this.#count}\n`;
    const content = path === 'Kptfile' ? kptfile : this.random.chance(0.15) ? null : configMap(`o${this.#count}`);
    return this.try(
      `${what} ${path}`,
      () => this.world.edit(row.id, { [path]: content }),
      ({ tree }) => {
        this.derived.push({ what, from: row.tree, to: tree, paths: [path] });
      },
    );
  }

  private async create(
    what: string,
    request: Omit<NewRevision, 'repositoryId' | 'workspace'>,
    there: GitSnapshot,
    of?: PackageRevision,
  ): Promise<string> {
    const workspace = this.random.chance(0.1) ? 'left' : `w${this.#count}`;
    const whole = { ...request, repositoryId: this.world.repository.id, workspace };
    return this.try(
      `${what} as ${request.package ?? ''}/${workspace}${request.overwriteHead ? ' over the head' : ''}`,
      () => this.world.get(AuthoringService).create(whole, someone('ada')),
      async (row) => {
        const head = await this.indexed(row, there);
        // Of a directory that is no package the index says nothing.
        this.known.set(row.id, [row.baseTree]);
        this.own.add(row.id);
        const paths = request.source.type === 'clone' ? ['Kptfile', 'package-context.yaml'] : [];
        if (of) this.derived.push({ what, from: of.tree, to: row.tree, paths });
        else if (request.source.type === 'copy' && head !== null)
          this.derived.push({ what, from: head, to: row.tree, paths });
      },
    );
  }

  /** What the ref held of a package when the index was last read from it. */
  private async indexed({ path }: { path: string }, there: GitSnapshot): Promise<string | null> {
    const { id } = this.world.repository;
    const { commit, directory } = await this.world.database.client.repository.findUniqueOrThrow({ where: { id } });
    return commit === null ? null : there.treeAt(commit, packageDirectory(directory, path));
  }

  private place() {
    const { random } = this;
    const name = random.pick(['app', 'net', 'own', `own-${this.#count}`]) ?? '';
    return {
      package: name,
      ...(this.world.repository.deployment && random.chance(0.8) && { target: random.pick(['edge', 'app']) ?? '' }),
      ...(random.chance(0.3) && { realm: random.pick(['net', 'x.y', 'deep/er']) ?? '' }),
    };
  }

  /** A refusal is an answer; anything else that is thrown is a fault. */
  private async try<T>(
    what: string,
    act: () => Promise<T>,
    then: (result: T) => unknown = () => undefined,
  ): Promise<string> {
    try {
      await then(await act());
      return this.noted(what, 'done');
    } catch (error) {
      if (!(error instanceof DomainError))
        this.faults.push(`${what} threw ${error instanceof Error ? error.stack : String(error)}`);
      return this.noted(what, error instanceof DomainError ? error.code : 'threw');
    }
  }

  private noted(what: string, outcome: string): string {
    const key = `${what.split(' ')[0]} ${outcome}`;
    this.outcomes.set(key, (this.outcomes.get(key) ?? 0) + 1);
    return `we: ${what}: ${outcome}`;
  }
}
