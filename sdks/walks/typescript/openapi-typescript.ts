import createClient from 'openapi-fetch';
import type { components, paths } from './client.js';

type Problem = components['schemas']['Problem'];

const {
  PKGSERVER_URL: baseUrl = '',
  PKGSERVER_TOKEN = '',
  WALK = '',
  CATALOG_URL = '',
  DEPLOYMENT_URL = '',
} = process.env;
const Prefer = 'wait=30';
const clientOf = (token: string) => createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
const author = clientOf(PKGSERVER_TOKEN);

const catalog = await register(`catalog-${WALK}`, CATALOG_URL, false);
const deployment = await register(`deployment-${WALK}`, DEPLOYMENT_URL, true);
const approver = clientOf(await admitApprover(`approver-${WALK}`, deployment.id));

const query = { repository: catalog.name, package: 'web', latest: true };
const blueprints = answer(await author.GET('/api/v1/package-revisions', { params: { query } }));
const blueprint = blueprints.items[0];
if (blueprint?.tag !== 'apps/web/v2') throw new Error(`The latest blueprint is ${blueprint?.tag}.`);

const draft = answer(
  await author.POST('/api/v1/package-revisions', {
    params: {},
    body: {
      repositoryId: deployment.id,
      target: 'edge01',
      package: 'web',
      workspace: 'first',
      source: { type: 'clone', upstream: { revisionId: blueprint.id } },
    },
  }),
);
const path = { id: draft.id };

const content = answer(await author.GET('/api/v1/package-revisions/{id}/resources', { params: { path } }));
const deploymentYaml = content.files['deployment.yaml'];
if (deploymentYaml === undefined) throw new Error('The draft lacks deployment.yaml.');
const edited = deploymentYaml.content.replace(/replicas: \d+/, 'replicas: 5');
answer(
  await author.PATCH('/api/v1/package-revisions/{id}/resources', {
    params: { path, header: { 'If-Match': content.etag } },
    body: { files: { 'deployment.yaml': { content: edited } } },
  }),
);

const proposal = answer(await author.POST('/api/v1/package-revisions/{id}/propose', { params: { path } }));
const header = { 'If-Match': proposal.etag, Prefer };
const refused = await author.POST('/api/v1/package-revisions/{id}/approve', { params: { path, header }, body: {} });
const code = refused.error?.code;
if (code !== 'selfApproval') throw new Error(`The author's approval gave ${code ?? refused.response.status}.`);
answer(await approver.POST('/api/v1/package-revisions/{id}/approve', { params: { path, header }, body: {} }));

const published = answer(
  await author.GET('/api/v1/package-revisions', {
    params: { query: { repositoryId: deployment.id, lifecycle: ['published'] } },
  }),
);
const shown = published.items.map(({ tag, revision }) => `${tag} is ${revision}`).join();
if (shown !== 'edge01/web/v1 is v1') throw new Error(`The list of what is published says: ${shown}`);

async function register(name: string, url: string, forDelivery: boolean) {
  const body = { name, deployment: forDelivery, git: { url } };
  const { id } = answer(await author.POST('/api/v1/repositories', { body }));
  answer(await author.POST('/api/v1/repositories/{id}/sync', { params: { path: { id }, header: { Prefer } } }));
  return answer(await author.GET('/api/v1/repositories/{id}', { params: { path: { id } } }));
}

/** Gives the token of a user who may approve in this repository. */
async function admitApprover(user: string, repositoryId: string): Promise<string> {
  const subject = { type: 'user', name: user } as const;
  answer(await author.POST('/api/v1/role-bindings', { body: { role: 'approver', subject, repositoryId } }));
  const { token } = answer(await author.POST('/api/v1/api-tokens', { body: { description: WALK, user } }));
  if (token === undefined) throw new Error('The new API token came without its secret.');
  return token;
}

function answer<Data>(result: { data?: Data; error?: Problem; response: Response }): Data {
  if (result.data !== undefined) return result.data;
  throw new Error(`${result.response.url}: ${result.error?.detail ?? result.response.status}`);
}
