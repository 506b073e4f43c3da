import { createClient } from './client/client/index.js';
import {
  approvePackageRevision,
  createApiToken,
  createPackageRevision,
  createRepository,
  createRoleBinding,
  getPackageRevisionResources,
  getRepository,
  listPackageRevisions,
  proposePackageRevision,
  syncRepository,
  updatePackageRevisionResources,
} from './client/index.js';

const {
  PKGSERVER_URL: baseUrl = '',
  PKGSERVER_TOKEN = '',
  WALK = '',
  CATALOG_URL = '',
  DEPLOYMENT_URL = '',
} = process.env;
const Prefer = 'wait=30';
const clientOf = (auth: string) => createClient({ baseUrl, auth });
const author = { client: clientOf(PKGSERVER_TOKEN), throwOnError: true } as const;

const catalog = await register(`catalog-${WALK}`, CATALOG_URL, false);
const deployment = await register(`deployment-${WALK}`, DEPLOYMENT_URL, true);
const approver = {
  client: clientOf(await admitApprover(`approver-${WALK}`, deployment.id)),
  throwOnError: true,
} as const;

const query = { repository: catalog.name, package: 'web', latest: true };
const blueprint = (await listPackageRevisions({ ...author, query })).data.items[0];
if (blueprint?.tag !== 'apps/web/v2') throw new Error(`The latest blueprint is ${blueprint?.tag}.`);

const { data: draft } = await createPackageRevision({
  ...author,
  body: {
    repositoryId: deployment.id,
    target: 'edge01',
    package: 'web',
    workspace: 'first',
    source: { type: 'clone', upstream: { revisionId: blueprint.id } },
  },
});
const path = { id: draft.id };

const { data: content } = await getPackageRevisionResources({ ...author, path });
const edited = content.files['deployment.yaml']?.content.replace(/replicas: \d+/, 'replicas: 5');
if (edited === undefined) throw new Error('The draft lacks deployment.yaml.');
await updatePackageRevisionResources({
  ...author,
  path,
  headers: { 'If-Match': content.etag },
  body: { files: { 'deployment.yaml': { content: edited } } },
});

const { data: proposal } = await proposePackageRevision({ ...author, path });
const headers = { 'If-Match': proposal.etag, Prefer };
const refused = await approvePackageRevision({ client: author.client, path, headers });
const code = refused.error?.code;
if (code !== 'selfApproval') throw new Error(`The author's approval gave ${code ?? refused.response?.status}.`);
await approvePackageRevision({ ...approver, path, headers });

const published = await listPackageRevisions({
  ...author,
  query: { repositoryId: deployment.id, lifecycle: ['published'] },
});
const shown = published.data.items.map(({ tag, revision }) => `${tag} is ${revision}`).join();
if (shown !== 'edge01/web/v1 is v1') throw new Error(`The list of what is published says: ${shown}`);

async function register(name: string, url: string, forDelivery: boolean) {
  const { data: made } = await createRepository({ ...author, body: { name, deployment: forDelivery, git: { url } } });
  await syncRepository({ ...author, path: { id: made.id }, headers: { Prefer } });
  return (await getRepository({ ...author, path: { id: made.id } })).data;
}

/** Gives the token of a user who may approve in this repository. */
async function admitApprover(user: string, repositoryId: string): Promise<string> {
  const subject = { type: 'user', name: user } as const;
  await createRoleBinding({ ...author, body: { role: 'approver', subject, repositoryId } });
  const { token } = (await createApiToken({ ...author, body: { description: WALK, user } })).data;
  if (token === undefined) throw new Error('The new API token came without its secret.');
  return token;
}
