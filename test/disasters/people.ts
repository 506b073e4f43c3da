import { GitFixture } from '../support/git-fixture.js';
import { configMap, Steps } from '../support/steps.js';
import type { Installation } from './installation.js';

const ANY = { 'If-Match': '*' };

/** What was made by the name of one package each, so that it is found again under other ids. */
export interface Works {
  label: string;
  /** Ids, as they were when they were made. */
  ids: { publication: string; operation: string };
  /** The API token of a user who may read. */
  token: string;
}

/** Repositories that people work in: one of them asks for two approvals, and one takes no pushes while `held` says so. */
export const PLACES = ['catalog', 'reviewed', 'held'] as const;
type PlaceName = (typeof PLACES)[number];

/** Makes one of each kind of thing that people make, through the API, as an administrator, alice and bob. */
export class People {
  readonly repositories = new Map<PlaceName, string>();

  private constructor(
    private readonly installation: Installation,
    readonly fixture: GitFixture,
    private alice: Steps,
    private bob: Steps,
  ) {}

  static async settle(installation: Installation): Promise<People> {
    const places = [];
    for (const name of PLACES) places.push(await installation.git.createRepository(name));
    const nobody = installation.admin;
    const people = new People(installation, GitFixture.create(places[0]?.path ?? ''), nobody, nobody);
    await people.comeAnew();
    return people;
  }

  /** On a database that is empty. */
  async comeAnew(): Promise<void> {
    this.alice = await this.installation.person('alice', { role: 'author' });
    this.bob = await this.installation.person('bob', { role: 'approver' });
    await this.register();
  }

  /** As docs/operating.md says of a rebuild: again, under the same names. */
  private async register(): Promise<void> {
    const { admin, git } = this.installation;
    for (const name of PLACES) this.repositories.set(name, await admin.register({ name, url: git.url(name) }));
    const policy = { requiredApprovals: 2, selfApproval: false };
    await admin.expect(200, 'PATCH', `/repositories/${this.place('reviewed')}`, { policy }, ANY);
  }

  place(name: PlaceName): string {
    return this.repositories.get(name) ?? '';
  }

  /** Their processes were started anew, elsewhere; their tokens are those that they had. */
  comeBack(): void {
    const again = ({ standing }: Steps) => this.installation.holder((standing.Authorization ?? '').slice(7));
    [this.alice, this.bob] = [again(this.alice), again(this.bob)];
  }

  sync(place: PlaceName = 'catalog') {
    const at = `/repositories/${this.place(place)}/sync`;
    return this.installation.admin.expect(200, 'POST', at, undefined, { Prefer: 'wait=30' });
  }

  /** Alice drafts and proposes, and bob approves. */
  async publish(name: string, workspace = 'first', place: PlaceName = 'catalog'): Promise<[string, string]> {
    const id = await this.alice.draft(this.place(place), name, workspace);
    return [id, await this.release(id)];
  }

  /** The next version of a package, from one of its revisions. */
  async next(from: string, workspace: string, value: string): Promise<{ id: string; revision: string }> {
    const id = await this.alice.copy(this.place('catalog'), from, workspace);
    await this.alice.edit(id, { 'config.yaml': configMap(workspace, value) });
    const operation = await this.bob.finished(await this.release(id));
    return { id, revision: (operation.result as { revision: string }).revision };
  }

  async release(id: string): Promise<string> {
    await this.alice.propose(id);
    const operationId = await this.bob.approve(id);
    const { state, error } = await this.bob.finished(operationId);
    if (state !== 'succeeded') throw new Error(`Not published: ${JSON.stringify(error)}`);
    return operationId;
  }

  async edit(id: string, value: string): Promise<void> {
    await this.alice.edit(id, { 'config.yaml': configMap('edited', value) });
  }

  draft(name: string, place: PlaceName = 'catalog'): Promise<string> {
    return this.alice.draft(this.place(place), name);
  }

  /** Published as the next version, and deleted again: its number is spent. */
  async deleted(from: string, workspace: string): Promise<string> {
    const { id, revision } = await this.next(from, workspace, workspace);
    await this.alice.expect(200, 'POST', `/package-revisions/${id}/propose-deletion`, { head: 'restore' });
    await this.bob.expect(204, 'DELETE', `/package-revisions/${id}`, undefined, { ...ANY, Prefer: 'wait=30' });
    return revision;
  }

  /** One of each, all named by the label. */
  async work(label: string): Promise<Works> {
    const { admin } = this.installation;
    const [publication, operation] = await this.publish(`${label}-published`);
    await this.describe(publication, label);
    const pushed = await this.draft(`${label}-draft`);
    const proposal = await this.draft(`${label}-proposal`, 'reviewed');
    await this.alice.propose(proposal);
    await this.bob.expect(200, 'POST', `/package-revisions/${proposal}/approve`, undefined, ANY);
    const condition = { status: 'True', reason: 'Looked' };
    await admin.expect(200, 'PUT', `/package-revisions/${pushed}/conditions/Scanned`, condition, ANY);
    for (const id of [pushed, proposal]) await admin.pushed(id);

    const [kept] = await this.publish(`${label}-deleted`);
    await this.deleted(kept, 'second');
    await this.driftAway(label);
    const token = await this.manage(label, publication);
    await this.leaveUnpushed(label);
    return { label, ids: { publication, operation }, token };
  }

  /** From here on until {@link letGo} a repository takes no push. */
  holdBack(place: PlaceName = 'held'): void {
    const body = 'Not now.';
    const refusal = { status: 503, contentType: 'text/plain', body, service: 'git-receive-pack' } as const;
    this.installation.git.refuse(place, refusal);
  }

  private async leaveUnpushed(label: string): Promise<void> {
    this.letGo();
    const edited = await this.draft(`${label}-edited`, 'held');
    await this.installation.admin.pushed(edited);
    this.holdBack();
    await this.edit(edited, 'not pushed');
    await this.draft(`${label}-unpushed`, 'held');
  }

  letGo(place: PlaceName = 'held'): void {
    this.installation.git.refuse(place, null);
  }

  private async describe(id: string, label: string): Promise<void> {
    const words = { labels: { made: label }, annotations: { 'example.com/made': label } };
    const { admin } = this.installation;
    const { packageId } = await admin.revision(id);
    await admin.expect(200, 'PATCH', `/package-revisions/${id}`, words, ANY);
    await admin.expect(200, 'PATCH', `/packages/${packageId}`, words, ANY);
  }

  private async driftAway(label: string): Promise<void> {
    const path = `${label}-drifted`;
    await this.publish(path);
    await this.fixture.commit({ files: { [`${path}/config.yaml`]: 'a: 1\n' } });
    await this.sync();
    const { admin } = this.installation;
    const { body } = await admin.expect(200, 'GET', `/drift?repository=catalog&path=${path}`);
    await admin.expect(200, 'POST', `/drift/${body.items[0].id}/acknowledge`, { reason: label }, ANY);
  }

  /** What administrators set up; gives the token of a reader. */
  private async manage(label: string, publication: string): Promise<string> {
    const { admin, git } = this.installation;
    const { packageId, revision } = await admin.revision(publication);
    const made = { name: label };
    const catalog = this.place('catalog');
    await admin.expect(201, 'POST', '/targets', { ...made, description: label, labels: { made: label } });
    const credential = { ...made, type: 'basic', username: 'robot', password: label };
    const { body } = await admin.expect(201, 'POST', '/credentials', credential);
    const { url } = await git.createRepository(label);
    git.requireBasic(label, 'robot', label);
    await admin.expect(201, 'POST', '/repositories', { ...made, git: { url, credentialId: body.id } });
    await admin.expect(201, 'POST', '/webhooks', { ...made, url: git.url('hook'), filter: { path: 'nothing' } });
    await admin.expect(201, 'POST', '/receivers', { ...made, type: 'github', repositoryIds: [catalog] });
    await admin.expect(201, 'POST', '/views', { ...made, query: 'kind = ConfigMap' });
    const downstream = { repositoryId: catalog, package: `${label}-variant` };
    await admin.expect(201, 'POST', '/variants', { ...made, upstream: { packageId }, downstream });
    await admin.expect(201, 'POST', '/campaigns', {
      ...{ ...made, change: { type: 'upgrade', to: { revisionId: publication } } },
      selection: { packageIds: [packageId] },
      description: String(revision),
    });
    const reader = await this.installation.person(`${label}-reader`, { role: 'viewer' });
    return (reader.standing.Authorization ?? '').slice(7);
  }
}
