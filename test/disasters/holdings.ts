import type { Body } from '../support/http-client.js';
import type { Steps } from '../support/steps.js';
import type { Installation } from './installation.js';
import type { Works } from './people.js';

/** What is there of what people have made, by the words of the table in docs/operating.md; null: nothing. */
export type Holdings = Record<string, unknown>;

type Reading = (admin: Steps, works: Works, installation: Installation) => Promise<unknown>;

const items = async (admin: Steps, path: string): Promise<Body[]> =>
  (await admin.expect(200, 'GET', path)).body.items as Body[];

/** All revisions of the package, the newest first. */
const revisions = async (admin: Steps, path: string): Promise<Body[]> => {
  const found = await items(admin, `/package-revisions?path=${path}`);
  return found.sort((one, other) => (one.name < other.name ? 1 : -1));
};

const revision = async (admin: Steps, path: string): Promise<Body | null> => {
  const [found] = await revisions(admin, path);
  return found ? (await admin.expect(200, 'GET', `/package-revisions/${found.id}`)).body : null;
};

const pick = (body: Record<string, unknown> | null | undefined, ...fields: string[]) =>
  body ? Object.fromEntries(fields.map((field) => [field, body[field]])) : null;

const named = async (admin: Steps, path: string, { label }: Works): Promise<Body | undefined> =>
  (await items(admin, `${path}?pageSize=500`)).find(({ name }) => name === label);

/** What people call it and say of it, without its id and times. */
const said =
  (path: string, ...fields: string[]): Reading =>
  async (admin, works) =>
    pick(await named(admin, path, works), 'name', ...fields);

const draftOf =
  (suffix: string): Reading =>
  async (admin, { label }) => {
    const found = await revision(admin, `${label}-${suffix}`);
    return pick(found, 'name', 'workspace', 'lifecycle', 'tree');
  };

const approvers = async (admin: Steps, id: string): Promise<unknown[]> =>
  (await items(admin, `/package-revisions/${id}/approvals`)).map(({ approvedBy }) => approvedBy);

const READINGS: Record<string, Reading> = {
  'published revisions: content, number, commit, tag, workspace, publisher and time': async (admin, { label }) => {
    const fields = ['name', 'workspace', 'revision', 'lifecycle', 'latest', 'tree', 'commit', 'tag'];
    return pick(await revision(admin, `${label}-published`), ...fields, 'publishedAt', 'publishedBy');
  },
  'who approved a published revision': async (admin, { label }) => {
    const found = await revision(admin, `${label}-published`);
    return found && (await approvers(admin, found.id));
  },
  'who began a published revision, and when': async (admin, { label }) =>
    pick(await revision(admin, `${label}-published`), 'createdBy', 'createdAt'),
  'drafts that were pushed': draftOf('draft'),
  'proposals that were pushed': draftOf('proposal'),
  'approvals of what is not published yet': async (admin, { label }) => {
    const found = await revision(admin, `${label}-proposal`);
    const given = found ? await approvers(admin, found.id) : [];
    return given.length > 0 ? given : null;
  },
  'drafts that were not pushed': draftOf('unpushed'),
  'edits that were not pushed': draftOf('edited'),
  'labels and annotations': async (admin, { label }) => {
    const found = await revision(admin, `${label}-published`);
    const owner = found && (await admin.expect(200, 'GET', `/packages/${found.packageId}`)).body;
    return [pick(found, 'labels', 'annotations'), pick(owner, 'labels', 'annotations')];
  },
  'conditions that were reported': async (admin, { label }) => {
    const found = await revision(admin, `${label}-draft`);
    const conditions = (found?.conditions ?? []) as { type: string; status: string; reason: string }[];
    return conditions.filter(({ type }) => type === 'Scanned').map(({ status, reason }) => [status, reason]);
  },
  'which published revisions were deleted, and by whom': async (admin, { label }) => {
    const [left] = await revisions(admin, `${label}-deleted`);
    if (!left) return null;
    const history = await items(admin, `/packages/${left.packageId}/history?pageSize=500`);
    return history.filter(({ event }) => event === 'deleted').map((entry) => pick(entry, 'revision', 'by'));
  },
  'drift that was acknowledged': async (admin, { label }) => {
    const [found] = await items(admin, `/drift?path=${label}-drifted`);
    return found && (found.acknowledgement as Body | null)?.reason;
  },
  'labels and descriptions of targets': said('/targets', 'description', 'labels'),
  'registered repositories, their settings and policies': said('/repositories', 'git.url', 'policy'),
  'credentials, webhooks, receivers': async (admin, works) =>
    Promise.all(
      ['/credentials', '/webhooks', '/receivers'].map(async (path) => pick(await named(admin, path, works), 'name')),
    ),
  'the secrets of these': async (admin, works) => {
    const found = await named(admin, '/repositories', works);
    if (!found) return null;
    const { body } = await admin.expect(202, 'POST', `/repositories/${found.id}/sync`);
    return (await admin.finished(body.id as string)).state;
  },
  'role bindings and API tokens': async (_, { label, token }, installation) => {
    const { status, body } = await installation.holder(token).call('GET', '/me');
    const repositories = await installation.holder(token).call('GET', '/repositories');
    return status === 200 && repositories.body.items.length > 0 ? { user: body.user, label } : null;
  },
  'views, variants, campaigns': async (admin, works) =>
    Promise.all(
      ['/views', '/variants', '/campaigns'].map(async (path) => pick(await named(admin, path, works), 'name')),
    ),
  'operations and events': async (admin, { label, ids }) => {
    const { status, body } = await admin.call('GET', `/operations/${ids.operation}`);
    const told = await items(admin, `/events?path=${label}-published&type=packageRevision.approved`);
    return status === 200 && told.length > 0 ? [body.state, told.map(({ id }) => id)] : null;
  },
  'the audit log': async (admin, { label }) =>
    (await items(admin, `/audit-entries?path=${label}-published&actor=bob`)).map(({ id }) => id),
};

export async function holdingsOf(installation: Installation, works: Works): Promise<Holdings> {
  const { admin } = installation;
  const read = async ([what, reading]: [string, Reading]) => [what, await reading(admin, works, installation)];
  return Object.fromEntries(await Promise.all(Object.entries(READINGS).map(read))) as Holdings;
}
