import {
  AccessApi,
  Configuration,
  PackageContentsApi,
  PackageRevisionsApi,
  RepositoriesApi,
  ResponseError,
} from './client/index.js';

const { PKGSERVER_URL = '', PKGSERVER_TOKEN = '', WALK = '', CATALOG_URL = '', DEPLOYMENT_URL = '' } = process.env;
const prefer = 'wait=30';
const configurationOf = (accessToken: string) => new Configuration({ basePath: PKGSERVER_URL, accessToken });
const author = configurationOf(PKGSERVER_TOKEN);
const repositories = new RepositoriesApi(author);
const revisions = new PackageRevisionsApi(author);
const contents = new PackageContentsApi(author);

const catalog = await register(`catalog-${WALK}`, CATALOG_URL, false);
const deployment = await register(`deployment-${WALK}`, DEPLOYMENT_URL, true);
const approver = configurationOf(await admitApprover(`approver-${WALK}`, deployment.id));

const blueprints = await revisions.listPackageRevisions({ repository: catalog.name, _package: 'web', latest: true });
const blueprint = blueprints.items[0];
if (blueprint?.tag !== 'apps/web/v2') throw new Error(`The latest blueprint is ${blueprint?.tag}.`);

const { id } = await revisions.createPackageRevision({
  packageRevisionCreateRequest: {
    repositoryId: deployment.id,
    target: 'edge01',
    _package: 'web',
    workspace: 'first',
    source: { type: 'clone', upstream: { revisionId: blueprint.id } },
  },
});

const content = await contents.getPackageRevisionResources({ id });
const edited = content.files['deployment.yaml']?.content.replace(/replicas: \d+/, 'replicas: 5');
if (edited === undefined) throw new Error('The draft lacks deployment.yaml.');
await contents.updatePackageRevisionResources({
  id,
  ifMatch: content.etag,
  resourcesPatchRequest: { files: { 'deployment.yaml': { content: edited } } },
});

const { etag: ifMatch } = await revisions.proposePackageRevision({ id });
const code = await revisions.approvePackageRevision({ id, ifMatch, prefer }).then(() => null, codeOf);
if (code !== 'selfApproval') throw new Error(`The author's approval gave ${code}.`);
await new PackageRevisionsApi(approver).approvePackageRevision({ id, ifMatch, prefer });

const published = await revisions.listPackageRevisions({ repositoryId: deployment.id, lifecycle: ['published'] });
const shown = published.items.map(({ tag, revision }) => `${tag} is ${revision}`).join();
if (shown !== 'edge01/web/v1 is v1') throw new Error(`The list of what is published says: ${shown}`);

async function register(name: string, url: string, forDelivery: boolean) {
  const repositoryCreateRequest = { name, deployment: forDelivery, git: { url } };
  const made = await repositories.createRepository({ repositoryCreateRequest });
  await repositories.syncRepository({ id: made.id, prefer });
  return repositories.getRepository({ id: made.id });
}

/** Gives the token of a user who may approve in this repository. */
async function admitApprover(user: string, repositoryId: string): Promise<string> {
  const access = new AccessApi(author);
  const subject = { type: 'user', name: user } as const;
  await access.createRoleBinding({ roleBindingCreateRequest: { role: 'approver', subject, repositoryId } });
  const { token } = await access.createApiToken({ apiTokenCreateRequest: { description: WALK, user } });
  if (token === undefined) throw new Error('The new API token came without its secret.');
  return token;
}

async function codeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof ResponseError)) throw error;
  return ((await error.response.json()) as { code: unknown }).code;
}
