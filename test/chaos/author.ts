import type { Body } from '../support/http-client.js';
import type { Random } from '../support/random.js';
import { configMap } from '../support/steps.js';
import type { Answer, Client } from './client.js';
import type { Ledger, RevisionRecord, State } from './ledger.js';
import { Labeller } from './labeller.js';
import { type FileContent, treeOid } from './tree-hash.js';
import type { World, WorldRepository } from './world.js';

/** What is done with a revision in each state. Now and then something that it does not allow, to be refused. */
const WITH: Record<string, Partial<Record<Action, number>>> = {
  draft: { edit: 45, propose: 38, remove: 5, label: 6, rebase: 3, approve: 2, proposeDeletion: 1 },
  proposed: { approve: 62, reject: 12, remove: 5, label: 8, edit: 8, propose: 5 },
  published: { copy: 38, clone: 20, proposeDeletion: 18, label: 12, edit: 6, remove: 3, reject: 3 },
  deletionProposed: { remove: 50, rejectDeletion: 20, copy: 20, approve: 5, label: 5 },
};
type Action =
  | 'edit'
  | 'propose'
  | 'reject'
  | 'approve'
  | 'proposeDeletion'
  | 'rejectDeletion'
  | 'remove'
  | 'label'
  | 'rebase'
  | 'copy'
  | 'clone';

type Place = Record<string, string | boolean>;

const BESIDES = { work: 84, init: 8, sync: 4, cancel: 2, retry: 2 } as const;
/** Most work is on what was begun last. */
const RECENT = 10;

/** One of several people at work on the same packages, through the API; it notes in the ledger what it was told. */
export class Author {
  private count = 0;
  private readonly labeller: Labeller;

  constructor(
    private readonly world: World,
    private readonly client: Client,
    private readonly ledger: Ledger,
    private readonly random: Random,
  ) {
    this.labeller = new Labeller(client, random);
  }

  async act(): Promise<void> {
    const beside = this.random.weighted(BESIDES);
    if (beside === 'sync') return this.sync(this.random.pick(this.world.repositories)?.id ?? '');
    if (beside === 'cancel' || beside === 'retry') return this.steer(beside);
    const record = this.random.pick([...this.ledger.revisions.values()].slice(-RECENT));
    if (beside === 'init' || !record) return this.init();
    const seen = await this.client.get(`/package-revisions/${record.id}`);
    if (seen.status !== 200) return;
    const { lifecycle, git } = seen.body as Body & { git: { state: string } };
    if (git.state === 'conflict') return this.resolve(record, seen);
    await this.work(this.random.weighted(WITH[lifecycle] ?? { label: 1 }), record, seen);
  }

  private async work(action: Action, record: RevisionRecord, seen: Answer): Promise<void> {
    if (action === 'label') return this.labeller.label(record, seen);
    if (action === 'clone' || action === 'copy') return this.derive(action, record);
    if (action === 'propose') return this.move(record, 'propose', 'proposed');
    if (action === 'reject') return this.move(record, 'reject', 'draft');
    if (action === 'approve') return this.approve(record, seen);
    if (action === 'proposeDeletion') return this.move(record, 'propose-deletion', 'deletionProposed');
    if (action === 'rejectDeletion') return this.move(record, 'reject-deletion', 'published');
    if (action === 'remove') return this.remove(record, seen);
    if (action === 'rebase') return this.rebase(record, seen);
    return this.edit(record);
  }

  private async init(): Promise<void> {
    const repository = this.random.pick(this.world.repositories);
    if (repository) await this.create(repository.name, this.place(repository), { type: 'init', description: 'chaos' });
  }

  private async derive(type: 'clone' | 'copy', of: RevisionRecord): Promise<void> {
    if (type === 'copy') {
      const place = { workspace: this.newName('w'), ...(this.random.chance(0.2) && { overwriteHead: true }) };
      const source = this.random.chance(0.2) ? { packageId: of.packageId } : { revisionId: of.id };
      await this.create(of.repository, place, { type, ...source });
      return;
    }
    const repository = this.random.pick(this.world.repositories);
    if (repository)
      await this.create(repository.name, this.place(repository), { type, upstream: { revisionId: of.id } });
  }

  private place({ deployment }: Pick<WorldRepository, 'deployment'>): Place {
    return {
      package: this.newName('p'),
      workspace: 'w1',
      ...(deployment && { target: `edge-${this.random.between(1, 3)}` }),
      ...(this.random.chance(0.4) && { realm: 'nf' }),
    };
  }

  /** Gives the code of a refusal. */
  private async create(repositoryName: string, place: Place, source: object): Promise<string | undefined> {
    const repository = this.world.byName(repositoryName);
    const body = { repositoryId: repository.id, ...place, source };
    const answer = await this.client.post('/package-revisions', body);
    if (answer.status === 0) this.ledger.unknownCreations.add(`${place.package ?? ''} ${place.workspace ?? ''}`);
    if (answer.status !== 201) return answer.body.code;
    const { id, path, packageId, workspace, tree } = answer.body as Body & { path: string; workspace: string };
    const write = { start: answer.start, end: answer.end, sure: true };
    this.ledger.revisions.set(id, {
      ...{ id, packageId, workspace, repository: repositoryName, reads: [], editedFrom: [] },
      directory: repository.directory === '' ? path : `${repository.directory}/${path}`,
      trees: [{ ...write, value: tree }],
      states: [{ ...write, value: 'draft' }],
      labels: [{ ...write, value: undefined }],
    });
    return undefined;
  }

  private async edit(record: RevisionRecord): Promise<void> {
    const path = `/package-revisions/${record.id}/resources`;
    const known = [...record.trees];
    const seen = await this.client.get(path);
    if (seen.status !== 200) return;
    record.reads.push({ tree: seen.body.etag, start: seen.start });
    // What was there before this read and is there no more never comes back, so that this has to be refused.
    const older = this.random.chance(0.12) ? this.random.pick(known)?.value : undefined;
    const ifMatch = older ?? seen.body.etag;
    const marker = this.newName('m');
    const files: Record<string, string | null> = { 'config.yaml': configMap('config', marker) };
    for (let more = this.random.between(0, 3); more > 0; more -= 1)
      files[`more/f${more}.yaml`] = configMap(`f${more}`, marker);
    if (this.random.chance(0.1)) files['more/f1.yaml'] = null;
    const expected = treeOid(patched(seen.body.files, files));
    const answer = await this.client.once('PATCH', path, ifMatch, { files });
    const { start } = answer;
    if (answer.status === 200) {
      record.trees.push({ value: answer.body.etag, start, end: answer.end, sure: true });
      record.editedFrom.push(ifMatch);
    } else if (answer.status === 0) {
      const now = await this.client.get(path);
      const done = now.status === 200 && now.body.files['config.yaml']?.content.includes(marker) === true;
      if (done) record.editedFrom.push(ifMatch);
      if (done || ifMatch === seen.body.etag) {
        const value = done ? now.body.etag : expected;
        record.trees.push({ value, start, end: done ? now.end : Infinity, sure: done });
      }
    }
  }

  private async move(record: RevisionRecord, action: string, value: State): Promise<void> {
    const force = action === 'propose-deletion' && this.random.chance(0.5) ? '?force=true' : '';
    // Left out where it has to be said, a deletion is not proposed.
    const head = this.random.pick(['restore', 'restore', 'keep', undefined]);
    const body = action === 'propose-deletion' && head !== undefined ? { head } : undefined;
    const answer = await this.client.post(`/package-revisions/${record.id}/${action}${force}`, body);
    this.noteState(record, answer, value);
  }

  private noteState(record: RevisionRecord, { status, start, end }: Answer, value: State): void {
    if (status >= 300) return;
    record.states.push({ value, start, end, sure: status !== 0 });
  }

  /** Binds the approval to the content it has just looked at. */
  private async approve(record: RevisionRecord, seen: Answer): Promise<void> {
    const answer = await this.client.post(`/package-revisions/${record.id}/approve`, undefined, {
      'If-Match': `"${seen.etag}"`,
    });
    this.noteOperation(record, answer, 'publish', seen.body.tree);
  }

  private async remove(record: RevisionRecord, seen: Answer): Promise<void> {
    const force = this.random.chance(0.3) ? '?force=true' : '';
    const answer = await this.client.once('DELETE', `/package-revisions/${record.id}${force}`, seen.etag);
    if (answer.status === 202) this.noteOperation(record, answer, 'delete', seen.body.tree);
    if (answer.status === 204) this.noteState(record, answer, 'gone');
    if (answer.status !== 0) return;
    const now = await this.client.get(`/package-revisions/${record.id}`);
    record.states.push({ value: 'gone', start: answer.start, end: now.end, sure: now.status === 404 });
    if (now.status !== 404) record.states.push({ value: 'gone', start: answer.start, end: Infinity, sure: false });
  }

  private noteOperation(record: RevisionRecord, answer: Answer, kind: 'publish' | 'delete', tree: string): void {
    if (answer.status === 202) {
      const { id } = answer.body;
      this.ledger.operations.set(id, { id, kind, revision: record, tree, start: answer.start });
    }
  }

  private async resolve(record: RevisionRecord, seen: Answer): Promise<void> {
    const keep = this.random.chance(0.5) ? 'draft' : 'remote';
    await this.client.post(`/package-revisions/${record.id}/resolve`, { keep }, { 'If-Match': `"${seen.etag}"` });
  }

  private async rebase(record: RevisionRecord, seen: Answer): Promise<void> {
    const path = `/package-revisions/${record.id}`;
    const answer = await this.client.post(`${path}/rebase`, undefined, { 'If-Match': `"${seen.etag}"` });
    const { status, start, end } = answer;
    // What was published or committed meanwhile is in the draft from now on.
    const { tree } = seen.body;
    if (status === 200 && answer.body.tree !== tree)
      record.trees.push({ value: answer.body.tree, start, end, sure: true });
    if (status !== 0) return;
    const now = await this.client.get(path);
    if (now.status === 200 && now.body.tree !== tree)
      record.trees.push({ value: now.body.tree, start, end: Infinity, sure: false });
  }

  async sync(repositoryId: string): Promise<void> {
    await this.client.post(`/repositories/${repositoryId}/sync`, undefined, { Prefer: 'wait=5' });
  }

  /** One more revision of a package, as far as its approval. */
  async publishAgain(of: RevisionRecord): Promise<void> {
    const record = await this.proposeAgain(of);
    if (record) await this.approveNow(record);
  }

  async approveNow(record: RevisionRecord): Promise<void> {
    await this.approve(record, await this.client.get(`/package-revisions/${record.id}`));
  }

  /** Proposes one more revision of a package: a copy of any that is still published, or of what somebody put on the ref. */
  async proposeAgain({ repository, directory, packageId }: RevisionRecord): Promise<RevisionRecord | undefined> {
    const source = this.world.byName(repository);
    const path = source.directory === '' ? directory : directory.slice(source.directory.length + 1);
    const list = await this.client.get(`/package-revisions?repositoryId=${source.id}&path=${path}&pageSize=100`);
    const published =
      list.status === 200 ? list.body.items.find(({ lifecycle }) => lifecycle === 'published') : undefined;
    if (!published) return undefined;
    const workspace = this.newName('again');
    const code = await this.create(repository, { workspace }, { type: 'copy', revisionId: published.id });
    if (code === 'headDiffers') await this.create(repository, { workspace }, { type: 'copy', packageId });
    const record = this.ledger.of(repository).find((one) => one.workspace === workspace);
    if (!record) return undefined;
    await this.edit(record);
    await this.move(record, 'propose', 'proposed');
    return record;
  }

  /** The first revision of a new package, as far as its approval. */
  async publishFirst(repository: WorldRepository): Promise<void> {
    await this.create(repository.name, this.place(repository), { type: 'init', description: 'chaos' });
    const record = this.ledger.of(repository.name).at(-1);
    if (!record) return;
    await this.edit(record);
    await this.move(record, 'propose', 'proposed');
    await this.approveNow(record);
  }

  private async steer(action: 'cancel' | 'retry'): Promise<void> {
    const operation = this.random.pick([...this.ledger.operations.values()].slice(-10));
    if (operation) await this.client.post(`/operations/${operation.id}/${action}`);
  }

  private newName(kind: string): string {
    this.count += 1;
    return `${kind}-${this.client.name}-${this.count}`;
  }
}

function patched(
  files: Readonly<Record<string, FileContent>>,
  patch: Readonly<Record<string, string | null>>,
): Record<string, FileContent> {
  const after = new Map(Object.entries(files));
  for (const [path, content] of Object.entries(patch)) {
    if (content === null) after.delete(path);
    else after.set(path, { content, encoding: 'utf-8' });
  }
  return Object.fromEntries(after);
}
