import { createHash } from 'node:crypto';
import type { Database } from '../../src/database/database.js';
import type { Drift, Prisma, Repository, UpgradePreview } from '../../src/database/generated/client.js';
import { parseGitUrl } from '../../src/domain/git-url.js';
import { tagRef } from '../../src/domain/ref-layout.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { versionKey } from '../../src/domain/version.js';
import type { TestApi } from './api.js';

export const gitOf = (name: string, more: object = {}) => ({ url: `https://git.example.com/${name}.git`, ...more });

/** Forgets all repositories and credentials, and who rang. */
export async function clear(api: TestApi): Promise<void> {
  await api.database.client.$executeRaw`TRUNCATE repository, operation, idempotency_key, credential CASCADE`;
  api.doorbell.rings.length = 0;
}

/** An OID that stands for a commit which nobody looks into. */
export const commitOf = (text: string): string => createHash('sha1').update(text).digest('hex');

/** A repository that was synced, as far as the index can tell. */
export async function addRepository(
  database: Database,
  given: Partial<Prisma.RepositoryUncheckedCreateInput> & { synced?: boolean } = {},
): Promise<Repository> {
  const { synced = true, ...columns } = given;
  const now = new Date();
  const name = columns.name ?? `repository-${Math.random().toString(36).slice(2)}`;
  const url = `https://git.example.com/${name}.git`;
  return database.client.repository.create({
    data: {
      id: uuidv7(),
      name,
      deployment: false,
      url,
      urlKey: parseGitUrl(url).key,
      ref: 'main',
      directory: '',
      commit: commitOf('main'),
      createdAt: now,
      createdBy: 'test',
      updatedAt: now,
      updatedBy: 'test',
      polling: { create: { nextSyncAt: now, lastSyncedAt: synced ? now : null } },
      ...columns,
    },
  });
}

/** Leaves the rows of a revision as its publication does: it is the latest, and the repository's ref holds it. */
export async function markPublished({ client }: Database, id: string, revision: string): Promise<void> {
  await client.operation.deleteMany({ where: { revisionId: id } });
  const { packageId, tree, path } = await client.packageRevision.findUniqueOrThrow({ where: { id } });
  await client.packageRevision.updateMany({ where: { packageId }, data: { latest: false } });
  await client.packageRevision.update({
    where: { id },
    data: {
      ...{ lifecycle: 'published', revision, versionKey: versionKey(revision), latest: true, publishedBy: 'grace' },
      ...{ publishedAt: new Date(), tag: tagRef(path, revision), commit: commitOf(id), gitState: 'synced' },
    },
  });
  await client.package.update({
    where: { id: packageId },
    data: { headTree: tree, headState: 'published', headRevisionId: id, headChangedAt: new Date() },
  });
}

/** A draft of a package in the repository, written as the rows that an accepted POST would leave. */
export async function addDraft(api: TestApi, repository: { id: string; name: string }): Promise<void> {
  const now = new Date();
  const stamp = { createdAt: now, updatedAt: now };
  const packageId = '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a01';
  await api.database.client.package.create({
    data: { id: packageId, repositoryId: repository.id, path: 'a', realm: '', name: 'a', ...stamp },
  });
  await api.database.client.packageRevision.create({
    data: {
      id: '0199a0de-7a3e-7cc1-a6a5-58d3d44e5a02',
      repositoryId: repository.id,
      repositoryName: repository.name,
      packageId,
      path: 'a',
      realm: '',
      packageName: 'a',
      name: `catalog.${repository.name}..a.w`,
      workspace: 'w',
      lifecycle: 'draft',
      source: { type: 'init' },
      tree: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
      gitState: 'pending',
      createdBy: 'ada',
      updatedBy: 'ada',
      ...stamp,
    },
  });
}

/** Something found in Git that is not resolved; gives its id. */
export async function addDrift(
  { client }: Database,
  {
    repositoryId,
    path,
    ...columns
  }: Pick<Drift, 'repositoryId' | 'path'> & Partial<Pick<Drift, 'kind' | 'gitTree' | 'heldTree'>>,
): Promise<string> {
  const id = uuidv7();
  const found = { key: id, kind: 'headDiffers', state: 'open', ref: 'refs/heads/main' } as const;
  const times = { foundAt: new Date(), updatedAt: new Date() };
  await client.drift.create({ data: { id, repositoryId, path, ...found, ...times, ...columns } });
  return id;
}

/** A preview of an upgrade of a revision, with nothing in its trees. */
export async function addUpgradePreview(
  { client }: Database,
  { revisionId, repositoryId, path }: Pick<UpgradePreview, 'revisionId' | 'repositoryId' | 'path'>,
): Promise<string> {
  const id = uuidv7();
  const upstream = { url: 'https://git.example.com/a.git', directory: 'a', ref: 'a/v1', commit: EMPTY, tree: EMPTY };
  const side = { upstream, revisionId: uuidv7(), revision: 'v1', place: null };
  const options = { strategy: 'resource-merge', origin: null, definitions: [] };
  await client.upgradePreview.create({
    data: {
      ...{ id, revisionId, repositoryId, path, from: side, to: side, options },
      ...{ baseTree: EMPTY, oursTree: EMPTY, theirsTree: EMPTY, resultTree: EMPTY },
      ...{ resolutions: {}, defaultResolution: {}, createdAt: new Date(), createdBy: 'somebody-else' },
    },
  });
  return id;
}

/** A campaign with one item, of this package, that is planned; its planning and its carrying out are over. */
export async function addCampaign(
  { client }: Database,
  {
    revisionId,
    repositoryId,
    path,
    packageId,
  }: { revisionId: string; repositoryId: string; path: string; packageId: string },
): Promise<string> {
  const id = uuidv7();
  const settings = { name: 'all', maxParallel: 1, soakSeconds: 0, gate: { minHealthyPercent: 0, conditions: [] } };
  const at = new Date();
  await client.campaign.create({
    data: {
      ...{ id, name: `c${id}`, change: { type: 'publishDrafts' }, selection: { revisionIds: [revisionId] } },
      ...{
        budget: { maxFailures: 0, maxUnhealthy: 0 },
        state: 'planned',
        planDigest: 'x',
        plannedAt: at,
        plannedBy: 'nobody',
      },
      ...{ createdAt: at, createdBy: 'somebody-else', updatedAt: at },
      waves: { create: { position: 0, settings: { ...settings, approval: 'automatic' }, state: 'pending' } },
      items: {
        create: {
          ...{ id: uuidv7(), position: 0, wave: 0, packageId, repositoryId, path, revisionId, tree: EMPTY },
          ...{ resultTree: EMPTY, state: 'planned', warnings: [] },
        },
      },
    },
  });
  return id;
}

/** The empty tree. */
const EMPTY = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** A variant of a package, as if it had been looked at; gives its id. */
export async function addVariant(
  database: Database,
  { repositoryId, path, setId = null }: { repositoryId: string; path: string; setId?: string | null },
): Promise<string> {
  const id = uuidv7();
  const now = new Date();
  await database.client.variant.create({
    data: {
      ...{ id, name: `v-${id.slice(-12)}`, setId, description: '', upstreamPackageId: uuidv7(), follow: 'latest' },
      ...{ repositoryId, target: null, realm: '', package: path, path, mutations: [], packageContext: {}, labels: {} },
      ...{ updatePolicy: 'draft', strategy: 'resource-merge', resolutions: {}, defaultResolution: {} },
      ...{ adoption: 'refuse', deletion: 'orphan', owner: 'ada', ownerGroups: [], state: 'blocked' },
      ...{ createdAt: now, createdBy: 'ada', updatedAt: now },
    },
  });
  return id;
}

/** A set without members; gives its id. */
export async function addVariantSet(database: Database, repositoryId: string): Promise<string> {
  const id = uuidv7();
  const now = new Date();
  const rules = { mutations: [], packageContext: {}, labels: {}, updatePolicy: 'draft', strategy: 'resource-merge' };
  await database.client.variantSet.create({
    data: {
      ...{ id, name: `s-${id.slice(-12)}`, description: '', targets: { names: ['edge-1'] }, repositoryId },
      template: {
        ...{ ...rules, adoption: 'refuse', deletion: 'orphan', upstream: { packageId: uuidv7(), follow: 'latest' } },
        downstream: { repositoryId, realm: '', package: 'core' },
      },
      ...{ owner: 'ada', ownerGroups: [], createdAt: now, createdBy: 'ada', updatedAt: now },
    },
  });
  return id;
}
