import { beforeAll, expect, it } from 'vitest';
import { AccessStore, type BindingRow, type StandingRow, type TokenRow } from '../../src/access/access.store.js';
import { readToken } from '../../src/access/api-token.js';
import { AuditLog } from '../../src/audit/audit-log.js';
import { AuditSealer } from '../../src/audit/audit-sealer.js';
import { ChainStore, type Link } from '../../src/audit/chain.store.js';
import {
  ContentReader,
  type FileEntry,
  type FileRemarks,
  type NamedImage,
  type PackageObject,
  type ReadFile,
} from '../../src/content/content.reader.js';
import {
  type AuditEntry,
  type Operation,
  type PackageDelivery,
  type PackageRevision,
  Prisma,
} from '../../src/database/generated/client.js';
import { type EventRow, EventStore } from '../../src/events/event.store.js';
import { EventListStore } from '../../src/features/events/event-list.store.js';
import { AuditEntryStore } from '../../src/features/audit-entries/audit-entry.store.js';
import { PackageBlameStore, type VersionRow } from '../../src/features/package-blame/package-blame.store.js';
import type { HistoryRow } from '../../src/features/package-history/package-history.filter.js';
import { PackageHistoryStore } from '../../src/features/package-history/package-history.store.js';
import { type RepositoryRow, RepositoryStore } from '../../src/features/repositories/repository.store.js';
import { type DeliveryRow, DeliveryStore } from '../../src/features/webhooks/delivery.store.js';
import { WebhookListStore, type WebhookRow } from '../../src/features/webhooks/webhook-list.store.js';
import type { DueDelivery, ToldWebhook } from '../../src/webhooks/webhook-row.js';
import { WebhookStore } from '../../src/webhooks/webhook.store.js';
import { type PlacedPackage, scopeOfPackage } from '../../src/features/dependencies/dependency.sql.js';
import { DependencyStore, type OfferedObject } from '../../src/features/dependencies/dependency.store.js';
import { type FleetGroupRow, FleetStore, type MatrixColumn } from '../../src/features/fleet/fleet.store.js';
import type { CampaignRow, ItemRow, PlanApprovalRow, WaveRow } from '../../src/features/campaigns/campaign-row.js';
import { CampaignItemStore } from '../../src/features/campaigns/campaign-item.store.js';
import { CampaignStore } from '../../src/features/campaigns/campaign.store.js';
import { RunStore } from '../../src/features/campaigns/run/run.store.js';
import { type TargetPackageRow, TargetPackageStore } from '../../src/features/fleet/target-package.store.js';
import { type CountedSet, VariantSetStore } from '../../src/features/variants/variant-set.store.js';
import type { VariantRow } from '../../src/features/variants/variant-row.js';
import { VariantStore } from '../../src/features/variants/variant.store.js';
import { addCampaign, addVariant, addVariantSet } from '../support/index-rows.js';
import { type TargetRow, TargetStore } from '../../src/features/targets/target.store.js';
import { type ReceiverRow, ReceiverStore } from '../../src/features/receivers/receiver.store.js';
import type { NamedPackage } from '../../src/features/receivers/reports/delivered-name.js';
import { type ReceivedRow, ReceivedReportStore } from '../../src/features/receivers/reports/received-report.store.js';
import { PackageDeliveryStore } from '../../src/features/package-deliveries/package-delivery.store.js';
import { BoundedReads } from '../../src/features/search/bounded-reads.store.js';
import type { HitRow } from '../../src/features/search/hit.sql.js';
import { asPathTerm } from '../../src/features/search/search.sql.js';
import { type FacetRow, SearchStore, type ShownRow } from '../../src/features/search/search.store.js';
import { uuidv7 } from '../../src/domain/uuid.js';
import { parseQuery } from '../../src/search/parse-query.js';
import { type Query, termsOf } from '../../src/search/query.js';
import { OperationStore } from '../../src/features/operations/operation.store.js';
import type { PastRevisionRow, RevisionDetailRow } from '../../src/revisions/package-revision.store.js';
import type { PlacedRevision, RevisionRow } from '../../src/revisions/revision-row.js';
import { type PackageRow, PackageStore } from '../../src/revisions/package.store.js';
import { RevisionServices } from '../support/revision-services.js';
import { giveRoles, makeToken } from '../support/sign-in.js';

/** A name for each field of a row's type. The compiler refuses a list that lacks one, or has one that the type has not. */
type FieldsOf<Row> = Record<keyof Row, unknown>;

const REVISION = Prisma.PackageRevisionScalarFieldEnum satisfies FieldsOf<PackageRevision>;
const REVISION_ROW: FieldsOf<RevisionRow> = {
  ...REVISION,
  ...{ fileCount: 1, sizeBytes: 1, packageNow: 1, authorTies: 1, upstreamStatus: 1 },
};
const PLACED_REVISION: FieldsOf<PlacedRevision> = { ...REVISION_ROW, place: 1 };
const PAST_REVISION: FieldsOf<PastRevisionRow> = { ...REVISION_ROW, latestThen: 1, deletedAt: 1, deletedBy: 1 };
const REVISION_DETAIL: FieldsOf<RevisionDetailRow> = { ...REVISION_ROW, unsupported: 1, subpackages: 1 };
const OPERATION: FieldsOf<Operation> = Prisma.OperationScalarFieldEnum;
const TARGET: FieldsOf<TargetRow> = {
  ...{ id: 1, name: 1, description: 1, labels: 1, repositoryIds: 1 },
  ...{ packageCount: 1, createdAt: 1, createdBy: 1, updatedAt: 1 },
};
const TARGET_PACKAGE: FieldsOf<TargetPackageRow> = {
  ...{ id: 1, repositoryId: 1, repository: 1, path: 1, realm: 1, package: 1, driftState: 1, latestId: 1 },
  ...{ latestRevision: 1, publishedAt: 1, publishedBy: 1, upstreamId: 1, upstreamStatus: 1, foldersBehind: 1 },
  ...{ drafts: 1, changedAt: 1, changedBy: 1, images: 1, delivery: 1 },
};
const PLACED_PACKAGE: FieldsOf<PlacedPackage> = {
  ...{ id: 1, repositoryId: 1, repository: 1, path: 1, target: 1, package: 1, tree: 1, revision: 1 },
  ...{ upstreamPackageId: 1, upstream: 1 },
};
const OFFERED_OBJECT: FieldsOf<OfferedObject> = {
  ...{ packageId: 1, file: 1, apiVersion: 1, kind: 1, namespace: 1, name: 1, isLocal: 1, body: 1 },
};
const CAMPAIGN: FieldsOf<CampaignRow> = Prisma.CampaignScalarFieldEnum;
const CAMPAIGN_WAVE: FieldsOf<WaveRow> = Prisma.CampaignWaveScalarFieldEnum;
const CAMPAIGN_ITEM: FieldsOf<ItemRow> = Prisma.CampaignItemScalarFieldEnum;
const PLAN_APPROVAL: FieldsOf<PlanApprovalRow> = Prisma.CampaignApprovalScalarFieldEnum;
const VARIANT: FieldsOf<VariantRow> = Prisma.VariantScalarFieldEnum;
const VARIANT_SET: FieldsOf<CountedSet> = { ...Prisma.VariantSetScalarFieldEnum, counts: 1 };
const FLEET_GROUP: FieldsOf<FleetGroupRow> = {
  ...{ none: 1, key: 1, id: 1, packages: 1, published: 1, behind: 1, drifted: 1, unhealthy: 1, openDrafts: 1 },
  upstreamRevisions: 1,
};
const MATRIX_COLUMN: FieldsOf<MatrixColumn> = { revisionId: 1, revision: 1, publishedAt: 1 };
const EVENT: FieldsOf<EventRow> = Prisma.EventScalarFieldEnum;
const AUDIT_ENTRY: FieldsOf<AuditEntry> = Prisma.AuditEntryScalarFieldEnum;
const { urlKey: _notRead, moved: _norThis, headsBy: _ofSyncs, ...repositoryFields } = Prisma.RepositoryScalarFieldEnum;
const REPOSITORY: FieldsOf<RepositoryRow> = {
  ...repositoryFields,
  ...{ lastSyncedAt: 1, nextSyncAt: 1, failures: 1, blockedUntil: 1, packageCount: 1, revisionCount: 1 },
};
const PACKAGE: FieldsOf<PackageRow> = {
  id: 1,
  repositoryId: 1,
  repository: 1,
  path: 1,
  target: 1,
  realm: 1,
  name: 1,
  headTree: 1,
  headState: 1,
  headRevisionId: 1,
  driftState: 1,
  upstreamId: 1,
  upstreamStatus: 1,
  commit: 1,
  labels: 1,
  annotations: 1,
  createdAt: 1,
  updatedAt: 1,
  latestId: 1,
  latestName: 1,
  latestRevision: 1,
  revisionCount: 1,
  delivery: 1,
};
const PACKAGE_DELIVERY: FieldsOf<PackageDelivery> = Prisma.PackageDeliveryScalarFieldEnum;
const RECEIVED: FieldsOf<ReceivedRow> = {
  ...{ digest: 1, receivedAt: 1, outcome: 1, reason: 1, subject: 1, packageId: 1 },
};
const NAMED_PACKAGE: FieldsOf<NamedPackage> = { id: 1, path: 1, url: 1, directory: 1 };
const RECEIVER: FieldsOf<ReceiverRow> = { ...Prisma.ReceiverScalarFieldEnum, repositoryIds: 1 };
const NO_TRACE = { traceparent: null, tracestate: null };
const { since: _since, ...WEBHOOK_FIELDS } = Prisma.WebhookScalarFieldEnum;
const WEBHOOK: FieldsOf<WebhookRow> = WEBHOOK_FIELDS;
const {
  body: _body,
  traceparent: _trace,
  tracestate: _state,
  ...DELIVERY_FIELDS
} = Prisma.WebhookDeliveryScalarFieldEnum;
const DELIVERY: FieldsOf<DeliveryRow> = DELIVERY_FIELDS;
const TOLD_WEBHOOK: FieldsOf<ToldWebhook> = {
  ...{
    id: 1,
    name: 1,
    url: 1,
    types: 1,
    repositoryId: 1,
    path: 1,
    labelSelector: 1,
    owner: 1,
    ownerGroups: 1,
    failingSince: 1,
    since: 1,
  },
};
const DUE_DELIVERY: FieldsOf<DueDelivery> = {
  ...{ id: 1, eventId: 1, type: 1, repositoryId: 1, path: 1, subject: 1, body: 1, attempts: 1 },
  ...{ traceparent: 1, tracestate: 1 },
};
const SEEN = { repositories: 'all', packages: 'all' } as const;
const FILE: FieldsOf<FileEntry> = {
  path: 1,
  mode: 1,
  oid: 1,
  sizeBytes: 1,
  parseError: 1,
  parseWarnings: 1,
  lfsPointer: 1,
};
const FILE_WITH_CONTENT: FieldsOf<ReadFile> = { ...FILE, content: 1 };
const REMARKS: FieldsOf<FileRemarks> = { path: 1, parseError: 1, parseWarnings: 1 };
const IMAGE: FieldsOf<NamedImage> = { path: 1, image: 1 };
const OBJECT: FieldsOf<PackageObject> = {
  path: 1,
  position: 1,
  apiVersion: 1,
  kind: 1,
  namespace: 1,
  name: 1,
  labels: 1,
  annotations: 1,
};
const HIT: FieldsOf<HitRow> = {
  ...{ blobOid: 1, position: 1, apiVersion: 1, kind: 1, namespace: 1, name: 1, nameKey: 1, images: 1, labels: 1 },
  ...{
    annotations: 1,
    file: 1,
    revisionId: 1,
    revisionName: 1,
    repositoryId: 1,
    repository: 1,
    packageId: 1,
    target: 1,
  },
  ...{ package: 1, packagePath: 1, revision: 1, lifecycle: 1, latest: 1 },
};
const SHOWN: FieldsOf<ShownRow> = { blobOid: 1, position: 1, shown: 1 };
const COUNTED: FieldsOf<FacetRow> = { facet: 1, value: 1, count: 1 };
const HISTORY: FieldsOf<HistoryRow> = {
  ...{ time: 1, second: 1, place: 1, event: 1, by: 1, comment: 1, revisionId: 1, revision: 1, oid: 1, author: 1 },
  ...{ committer: 1, subject: 1, lostAt: 1, treeBefore: 1, tree: 1, approvedBy: 1, upstream: 1, upstreamRevisionId: 1 },
};
const VERSION: FieldsOf<VersionRow> = {
  ...{ id: 1, packageId: 1, repositoryId: 1, repositoryName: 1, path: 1, revision: 1, lifecycle: 1, versionKey: 1 },
  ...{ tree: 1, commit: 1, baseRevision: 1, upstream: 1, upstreamRevisionId: 1, editors: 1, createdBy: 1 },
  ...{ publishedAt: 1, publishedBy: 1, external: 1, updatedAt: 1, author: 1, position: 1 },
};
const LINK: FieldsOf<Link> = { sequence: 1, entryId: 1, hash: 1, entry: 1 };
const BINDING: FieldsOf<BindingRow> = { role: 1, repositoryId: 1, path: 1 };
const TOKEN: FieldsOf<TokenRow> = {
  user: 1,
  email: 1,
  groups: 1,
  secretHash: 1,
  roles: 1,
  repositoryIds: 1,
  expiresAt: 1,
  lastUsedAt: 1,
  revokedAt: 1,
  bindings: 1,
  seen: 1,
};
const STANDING: FieldsOf<StandingRow> = { bindings: 1, seen: 1 };

const services = RevisionServices.create();
let row: RevisionRow;
let published: RevisionRow;
let tokenId: string;
let receiverId: string;

const POD = 'apiVersion: v1\nkind: Pod\nspec: {containers: [{image: web}]}\n';

beforeAll(async () => {
  row = await services.aPackageRevision({
    files: { 'map.yaml': 'apiVersion: v1\nkind: ConfigMap\n', 'odd.yaml': 'on: 1\n', 'web.yaml': POD },
  });
  published = await services.aPackageRevision({ state: 'published' });
  await giveRoles(services.database, 'ada', [{ role: 'admin' }]);
  tokenId = readToken(await makeToken(services.database, { user: 'ada' }))?.id ?? '';
  receiverId = uuidv7();
  await services.world.get(ReceiverStore).insert({
    ...{ id: receiverId, name: 'x', type: 'generic', sealed: new Uint8Array(8), lastReceivedAt: null },
    ...{ createdAt: new Date(), createdBy: 'ada', updatedAt: new Date(), updatedBy: 'ada' },
    repositoryIds: [row.repositoryId],
  });
  await services.database.client.receivedDelivery.create({
    data: { receiverId, digest: 'x', receivedAt: new Date(), outcome: 'ignored' },
  });
  const reported = {
    packageId: row.packageId,
    tool: 'flux',
    state: 'delivered',
    health: 'healthy',
    message: '',
  } as const;
  await services.database.client.packageDelivery.create({
    data: { ...reported, observedAt: new Date(), reportedAt: new Date(), reportedBy: 'ada' },
  });
  const webhookId = uuidv7();
  await services.database.client.webhook.create({
    data: {
      ...{ id: webhookId, name: 'x', url: 'https://chat.example.com/', types: [], description: '', enabled: true },
      ...{ owner: 'ada', ownerGroups: [], since: 0n },
      ...{ createdAt: new Date(), createdBy: 'ada', updatedAt: new Date() },
    },
  });
  const told = {
    type: 'webhook.tested',
    repositoryId: null,
    path: null,
    subject: 'x',
    body: '{}',
    sequence: 1,
    ...NO_TRACE,
  };
  await services.database.client.target.create({
    data: { id: uuidv7(), name: 'edge-1', createdAt: new Date(), updatedAt: new Date() },
  });
  await services.database.client.package.update({ where: { id: row.packageId }, data: { target: 'edge-1' } });
  const { repositoryId, path } = row;
  await addVariant(services.database, { repositoryId, path });
  await addVariantSet(services.database, repositoryId);
  campaignId = await addCampaign(services.database, {
    revisionId: row.id,
    packageId: row.packageId,
    repositoryId,
    path,
  });
  await campaigns().approve({
    ...{ id: uuidv7(), campaignId, planDigest: 'x', approvedBy: 'ada', email: null, groups: [] },
    ...{ comment: null, createdAt: new Date(), voidedAt: null },
  });
  await new WebhookStore(services.database).addDeliveries([{ id: uuidv7(), webhookId, eventId: uuidv7(), ...told }]);
  await services.world.get(AuditLog).record([{ action: 'createPackageRevision' }]);
  await services.world.get(AuditSealer).seal();
});

const FIRST = { size: 1 };
const world = () => services.world;
const received = () => new ReceivedReportStore(services.database);
const entryId = async () => (await services.database.client.auditEntry.findFirstOrThrow()).id;
const operationId = async () => (await services.operationsOf(row.id))[0]?.id ?? '';

/** [the statement, the first row that it gives, the fields of the type that its rows are said to have] */
const READERS: readonly (readonly [name: string, read: () => Promise<unknown>, fields: object])[] = [
  ['PackageRevisionStore.find', () => services.store.find(row.id), REVISION_ROW],
  [
    'PackageRevisionStore.findWithUpstreams',
    async () => (await services.store.findWithUpstreams([row.id])).get(row.id),
    PLACED_REVISION,
  ],
  ['PackageRevisionStore.findDetail', () => services.store.findDetail(row.id), REVISION_DETAIL],
  ['PackageRevisionStore.list', async () => (await services.store.list({}, 'all', FIRST)).rows[0], REVISION_ROW],
  ['PackageRevisionStore.list, of the past', async () => (await pastRevisions()).rows[0], PAST_REVISION],
  ['PackageRevisionStore.lock', async () => lockedRow(), REVISION_ROW],
  ['PackageStore.find', () => world().get(PackageStore).find(row.packageId), PACKAGE],
  ['PackageStore.list', async () => (await world().get(PackageStore).list({}, 'all', FIRST)).rows[0], PACKAGE],
  ['PackageStore.list, of the past', async () => (await pastPackages()).rows[0], PACKAGE],
  ['PackageHistoryStore.list', async () => (await history()).rows[0], HISTORY],
  ['PackageBlameStore.find', async () => (await blames().find([row.id]))[0], VERSION],
  ['PackageBlameStore.versions', async () => (await blames().versions([allVersions()], 1))[0], VERSION],
  ['RepositoryStore.find', () => world().get(RepositoryStore).find(row.repositoryId, 'all'), REPOSITORY],
  ['RepositoryStore.list', async () => (await world().get(RepositoryStore).list({}, SEEN, FIRST)).rows[0], REPOSITORY],
  ['TargetStore.list', async () => (await world().get(TargetStore).list({}, TARGETS, FIRST)).rows[0], TARGET],
  ['VariantStore.list', async () => (await world().get(VariantStore).list({}, 'all', FIRST)).rows[0], VARIANT],
  [
    'VariantSetStore.list',
    async () => (await world().get(VariantSetStore).list({}, 'all', FIRST)).rows[0],
    VARIANT_SET,
  ],
  ['CampaignStore.find', async () => campaigns().find(campaignId), CAMPAIGN],
  ['CampaignStore.waves', async () => (await campaigns().waves(campaignId))[0], CAMPAIGN_WAVE],
  ['CampaignStore.approvals', async () => (await campaigns().approvals(campaignId, 'x'))[0], PLAN_APPROVAL],
  [
    'CampaignItemStore.inState',
    async () => (await campaignItems().inState(campaignId, 'planned', 1))[0],
    CAMPAIGN_ITEM,
  ],
  ['RunStore.next', async () => (await new RunStore(services.database).next(campaignId, 0, 1))[0], CAMPAIGN_ITEM],
  ['TargetPackageStore.list', async () => (await targetPackages()).rows[0], TARGET_PACKAGE],
  ['DependencyStore.packages', async () => (await needs().packages([published.packageId], 'all'))[0], PLACED_PACKAGE],
  ['DependencyStore.offers', async () => offered(), OFFERED_OBJECT],
  ['FleetStore.groups', async () => (await fleet().groups({ by: 'target' }, 'all', FIRST)).rows[0], FLEET_GROUP],
  ['FleetStore.columns', async () => (await fleet().columns(published.packageId))[0], MATRIX_COLUMN],
  [
    'PackageDeliveryStore.find',
    () => new PackageDeliveryStore(services.database).find(row.packageId),
    PACKAGE_DELIVERY,
  ],
  ['ReceivedReportStore.list', async () => (await received().list(receiverId, {}, FIRST)).rows[0], RECEIVED],
  [
    'ReceivedReportStore.packagesLike',
    async () => (await received().packagesLike(receiverId, ['%']))[0],
    NAMED_PACKAGE,
  ],
  ['ReceiverStore.list', async () => (await world().get(ReceiverStore).list({}, 'all', FIRST)).rows[0], RECEIVER],
  ['WebhookStore.enabled', async () => (await webhooks().enabled())[0], TOLD_WEBHOOK],
  ['WebhookStore.dueDeliveries', async () => dueDelivery(), DUE_DELIVERY],
  ['WebhookListStore.list', async () => (await webhookList().list({}, 'all', FIRST)).rows[0], WEBHOOK],
  ['DeliveryStore.list', async () => delivery(), DELIVERY],
  [
    'OperationStore.find',
    async () =>
      world()
        .get(OperationStore)
        .find(await operationId()),
    OPERATION,
  ],
  ['OperationStore.list', async () => (await world().get(OperationStore).list({}, 'all', FIRST)).rows[0], OPERATION],
  [
    'AuditEntryStore.find',
    async () =>
      world()
        .get(AuditEntryStore)
        .find(await entryId()),
    AUDIT_ENTRY,
  ],
  ['AuditEntryStore.list', async () => (await world().get(AuditEntryStore).list({}, FIRST)).rows[0], AUDIT_ENTRY],
  ['EventStore.behind', async () => (await world().get(EventStore).behind(0, 1))[0], EVENT],
  ['EventListStore.list', async () => (await events()).rows[0], EVENT],
  ['ChainStore.links', async () => (await world().get(ChainStore).links(0, 1))[0], LINK],
  ['ChainStore.links, entry', async () => (await world().get(ChainStore).links(0, 1))[0]?.entry, AUDIT_ENTRY],
  ['ContentReader.files', async () => (await world().get(ContentReader).files(row.tree))[0], FILE],
  ['ContentReader.filesWithContent', async () => (await contents(row.tree))[0], FILE_WITH_CONTENT],
  ['ContentReader.file', () => world().get(ContentReader).file(row.tree, 'map.yaml'), FILE_WITH_CONTENT],
  ['ContentReader.remarkRows', async () => (await world().get(ContentReader).remarkRows(row.tree))[0], REMARKS],
  ['ContentReader.objectsOf', async () => (await world().get(ContentReader).objectsOf(row.tree))[0], OBJECT],
  ['ContentReader.imagesOf', async () => (await world().get(ContentReader).imagesOf(row.tree))[0], IMAGE],
  ['SearchStore.find', async () => (await searches().find(SEARCH, FIRST)).rows[0], HIT],
  ['SearchStore.shown', async () => shownRow(), SHOWN],
  ['SearchStore.facets', async () => (await searches().facets(SEARCH, ['kind']))[0], COUNTED],
  ['AccessStore.findToken', () => world().get(AccessStore).findToken(tokenId), TOKEN],
  ['AccessStore.standingOf', () => standing(), STANDING],
  ['AccessStore.standingOf.bindings', async () => (await standing()).bindings[0], BINDING],
];

const fleet = () => world().get(FleetStore);
const needs = () => world().get(DependencyStore);
/** Of the package that is published: its Kptfile. */
const offered = async () => {
  const [own] = await needs().packages([published.packageId], 'all');
  if (!own) throw new Error('Nothing is published');
  const [object] = await needs().objects([own.tree]);
  const { kind = '', name } = object ?? {};
  const wanted = { objects: [{ kind, name: name ?? '' }], groups: [], secrets: [] };
  return (await needs().offers(scopeOfPackage(own), wanted, 'all'))[0];
};
let campaignId: string;
const campaigns = () => new CampaignStore(services.database);
const campaignItems = () => new CampaignItemStore(services.database);
const targetPackages = async () => {
  const { id } = await services.database.client.target.findFirstOrThrow();
  return world().get(TargetPackageStore).list(id, 'all', FIRST);
};
const TARGETS = { packages: 'all', repositories: 'all' } as const;
const webhooks = () => new WebhookStore(services.database);
const webhookList = () => new WebhookListStore(services.database);
const webhookId = async () => (await webhooks().enabled())[0]?.id ?? '';
const dueDelivery = async () => (await webhooks().dueDeliveries(await webhookId(), 1))[0];
const delivery = async () =>
  (await new DeliveryStore(services.database).list(await webhookId(), {}, EVERYTHING, FIRST)).rows[0];
const events = () => new EventListStore(services.database).list({}, EVERYTHING, FIRST);
const EVERYTHING = {
  repository: 'all',
  package: 'all',
  target: 'all',
  variant: 'all',
  campaign: 'all',
  packageRevision: 'all',
  drift: 'all',
  operation: 'all',
  webhook: 'all',
} as const;
const pastRevisions = () => services.store.list({ asOf: new Date() }, 'all', FIRST);
const blames = () => world().get(PackageBlameStore);
const allVersions = () => ({ packageId: published.packageId, versionKey: null });
const history = () => world().get(PackageHistoryStore).list(published, FIRST);
const pastPackages = () => world().get(PackageStore).list({ asOf: new Date() }, 'all', FIRST);
const SEARCH = { query: parseQuery('.kind = ConfigMap'), scope: {}, visible: 'all' } as const;
const searches = () => new SearchStore(new BoundedReads(services.database));
async function shownRow(): Promise<ShownRow | undefined> {
  const { rows } = await searches().find(SEARCH, FIRST);
  const [term] = [...termsOf(SEARCH.query as Query)].flatMap(({ term: each }) => asPathTerm(each) ?? []);
  return (await searches().shown(rows, term ? [term] : []))[0];
}

const contents = (tree: string) => world().get(ContentReader).filesWithContent(tree);
const standing = () => world().get(AccessStore).standingOf({ user: 'ada', email: null, groups: [] });

async function lockedRow(): Promise<RevisionRow | undefined> {
  const locked = await services.database.transaction(() => services.store.lock(row.id));
  return typeof locked === 'object' ? locked?.row : undefined;
}

it.each(READERS)('%s selects the fields that its type has', async (_, read, fields) => {
  expect(Object.keys((await read()) ?? {}).sort()).toEqual(Object.keys(fields).sort());
});
