import type { Requirement } from '../../src/access/guard.js';
import type { Permission } from '../../src/access/permission.js';
import type { Role } from '../../src/access/role.js';

/** What a request is about, and so what a role must be given on: everything, a repository, or a path of one. */
export type Place = 'instance' | 'repository' | 'path';

/** Who may call an operation, and who sees that what it is about exists. */
export interface Expected {
  at: Place;
  may: readonly Role[];
  sees: readonly Role[];
  /** Where who sees it has a role, if that is another place. */
  seesAt?: Place;
}

const ALL: readonly Role[] = ['viewer', 'author', 'approver', 'checker', 'repositoryAdmin', 'admin', 'auditor'];
const DRAFTERS: readonly Role[] = ['author', 'repositoryAdmin', 'admin'];
const APPROVERS: readonly Role[] = ['approver', 'repositoryAdmin', 'admin'];
const WORKERS: readonly Role[] = ['author', 'approver', 'repositoryAdmin', 'admin'];
const CHECKERS: readonly Role[] = ['checker', 'repositoryAdmin', 'admin'];
const OWNERS: readonly Role[] = ['repositoryAdmin', 'admin'];
const BINDERS: readonly Role[] = ['repositoryAdmin', 'admin', 'auditor'];
const AUDITORS: readonly Role[] = ['admin', 'auditor'];
const ADMIN: readonly Role[] = ['admin'];

const inPackages = (may: readonly Role[]): Expected => ({ at: 'path', may, sees: ALL });
const inRepository = (may: readonly Role[]): Expected => ({ at: 'repository', may, sees: ALL });
const ofBindings = (may: readonly Role[]): Expected => ({ at: 'repository', may, sees: BINDERS });
const ofSets = (may: readonly Role[]): Expected => ({ at: 'repository', may, sees: ALL, seesAt: 'repository' });
const ofTargets = (may: readonly Role[]): Expected => ({ at: 'instance', may, sees: ALL, seesAt: 'path' });
const ofInstance = (may: readonly Role[]): Expected => ({ at: 'instance', may, sees: AUDITORS });

/**
 * Every operation by its `operationId`, with the roles that are meant to hold it: written by hand, so that an endpoint with
 * another permission than was meant, and a new one that nobody thought about, are found.
 */
export const ACCESS: Readonly<Record<string, Expected | Exclude<Requirement, Permission>>> = {
  getLiveness: 'public',
  getReadiness: 'public',

  getMe: 'signedIn',
  listMyPermissions: 'signedIn',
  createApiToken: 'signedIn',
  listApiTokens: 'signedIn',
  getApiToken: 'signedIn',
  revokeApiToken: 'signedIn',

  createView: 'signedIn',
  listViews: 'signedIn',
  getView: 'signedIn',
  updateView: 'signedIn',
  deleteView: 'signedIn',

  getMetrics: ofInstance(AUDITORS),
  listAuditEntries: ofInstance(AUDITORS),
  exportAuditEntries: ofInstance(AUDITORS),
  getAuditEntry: ofInstance(AUDITORS),
  listCredentials: ofInstance(AUDITORS),
  getCredential: ofInstance(AUDITORS),
  createCredential: ofInstance(ADMIN),
  updateCredential: ofInstance(ADMIN),
  deleteCredential: ofInstance(ADMIN),
  createRepository: ofInstance(ADMIN),

  // The rights on each noun decide what is told.
  listEvents: inPackages(ALL),

  // A repository is seen by whoever may see something in it, and changed by those who have a role on all of it.
  listRepositories: inPackages(ALL),
  getRepository: inPackages(ALL),
  updateRepository: inRepository(OWNERS),
  deleteRepository: inRepository(OWNERS),
  syncRepository: inRepository(WORKERS),
  getRepositoryDeliveryManifests: inPackages(ALL),

  // Who sees a receiver is who sees its repositories' role bindings.
  listReceivers: ofBindings(BINDERS),
  getReceiver: ofBindings(BINDERS),
  listReceiverDeliveries: ofBindings(BINDERS),
  createReceiver: ofBindings(OWNERS),
  updateReceiver: ofBindings(OWNERS),
  rotateReceiverSecret: ofBindings(OWNERS),
  deleteReceiver: ofBindings(OWNERS),
  receiveWebhook: 'signature',

  // As with receivers: a webhook is of a repository, of a path in it, or of everything.
  listWebhooks: ofBindings(BINDERS),
  getWebhook: ofBindings(BINDERS),
  listWebhookDeliveries: ofBindings(BINDERS),
  createWebhook: ofBindings(OWNERS),
  updateWebhook: ofBindings(OWNERS),
  rotateWebhookSecret: ofBindings(OWNERS),
  testWebhook: ofBindings(OWNERS),
  redeliverWebhook: ofBindings(OWNERS),
  deleteWebhook: ofBindings(OWNERS),

  listRoleBindings: ofBindings(BINDERS),
  getRoleBinding: ofBindings(BINDERS),
  createRoleBinding: ofBindings(OWNERS),
  deleteRoleBinding: ofBindings(OWNERS),

  listPackages: inPackages(ALL),
  getPackage: inPackages(ALL),
  getPackageResources: inPackages(ALL),
  listPackageHistory: inPackages(ALL),
  listPackageDependencies: inPackages(ALL),
  listPackageDependents: inPackages(ALL),
  getPackageDeliveryManifests: inPackages(ALL),
  createUpgradePreview: inPackages(DRAFTERS),
  listUpgradePreviews: inPackages(ALL),
  getUpgradePreview: inPackages(ALL),
  updateUpgradePreview: inPackages(DRAFTERS),
  applyUpgradePreview: inPackages(DRAFTERS),
  listDrift: inPackages(ALL),
  getDrift: inPackages(ALL),
  adoptDrift: inPackages(DRAFTERS),
  restoreDrift: inPackages(DRAFTERS),
  acknowledgeDrift: inPackages(APPROVERS),
  updatePackage: inPackages(DRAFTERS),

  // A target is seen by whoever sees a package of it.
  listTargets: inPackages(ALL),
  getTarget: inPackages(ALL),
  getPackageDelivery: inPackages(ALL),
  reportPackageDelivery: inPackages(CHECKERS),
  listTargetPackages: inPackages(ALL),
  getTargetDependencies: inPackages(ALL),
  getFleet: inPackages(ALL),
  getFleetMatrix: inPackages(ALL),
  createTarget: ofTargets(ADMIN),
  updateTarget: ofTargets(ADMIN),
  deleteTarget: ofTargets(ADMIN),

  // A variant is where its package is, a set in its repository.
  listVariants: inPackages(ALL),
  getVariant: inPackages(ALL),
  listVariantConflicts: inPackages(ALL),
  createVariant: inPackages(DRAFTERS),
  updateVariant: inPackages(DRAFTERS),
  reconcileVariant: inPackages(DRAFTERS),
  deleteVariant: inPackages(DRAFTERS),
  listVariantSets: inRepository(ALL),
  getVariantSet: ofSets(ALL),
  createVariantSet: inRepository(DRAFTERS),
  updateVariantSet: ofSets(DRAFTERS),
  previewVariantSet: ofSets(DRAFTERS),
  deleteVariantSet: ofSets(DRAFTERS),
  // A campaign is seen by whoever sees a package of it; that its packages are all theirs is judged of whoever changes it.
  listCampaigns: inPackages(ALL),
  getCampaign: inPackages(ALL),
  listCampaignItems: inPackages(ALL),
  getCampaignItem: inPackages(ALL),
  createCampaign: inPackages(DRAFTERS),
  updateCampaign: inPackages(DRAFTERS),
  deleteCampaign: inPackages(DRAFTERS),
  planCampaign: inPackages(DRAFTERS),
  approveCampaign: inPackages(APPROVERS),
  startCampaign: inPackages(DRAFTERS),
  continueCampaign: inPackages(DRAFTERS),
  pauseCampaign: inPackages(DRAFTERS),
  resumeCampaign: inPackages(DRAFTERS),
  abortCampaign: inPackages(DRAFTERS),
  rollBackCampaign: inPackages(DRAFTERS),
  setCampaignCondition: inPackages(CHECKERS),
  updateCampaignItem: inPackages(DRAFTERS),
  skipCampaignItem: inPackages(DRAFTERS),
  retryCampaignItem: inPackages(DRAFTERS),

  listOperations: inPackages(ALL),
  getOperation: inPackages(ALL),
  cancelOperation: inPackages(WORKERS),
  retryOperation: inPackages(WORKERS),
  listOperationItems: inPackages(ALL),

  listPackageRevisions: inPackages(ALL),
  getPackageRevision: inPackages(ALL),
  listPackageRevisionApprovals: inPackages(ALL),
  listPackageRevisionFiles: inPackages(ALL),
  getPackageRevisionArchive: inPackages(ALL),
  getPackageRevisionFileContent: inPackages(ALL),
  listPackageRevisionObjects: inPackages(ALL),
  comparePackages: inPackages(ALL),
  getPackageDiff: inPackages(ALL),
  getPackageBlame: inPackages(ALL),
  getPackageRevisionImpact: inPackages(ALL),
  getPackageRevisionSbom: inPackages(ALL),
  getPackageRevisionResources: inPackages(ALL),
  getPackageRevisionManifests: inPackages(ALL),
  searchObjects: inPackages(ALL),
  searchObjectsByUrl: inPackages(ALL),
  listImages: inPackages(ALL),
  listImageUses: inPackages(ALL),

  // What each item needs is judged item by item.
  bulkPackageRevisions: inPackages(ALL),
  createPackageRevision: inPackages(DRAFTERS),
  updatePackageRevision: inPackages(DRAFTERS),
  replacePackageRevisionResources: inPackages(DRAFTERS),
  updatePackageRevisionResources: inPackages(DRAFTERS),
  addSubpackage: inPackages(DRAFTERS),
  rebasePackageRevision: inPackages(DRAFTERS),
  resolvePackageRevision: inPackages(DRAFTERS),
  proposePackageRevision: inPackages(DRAFTERS),
  proposePackageRevisionDeletion: inPackages(DRAFTERS),
  withdrawPackageRevision: inPackages(DRAFTERS),
  approvePackageRevision: inPackages(APPROVERS),
  withdrawPackageRevisionApproval: inPackages(APPROVERS),
  rejectPackageRevision: inPackages(APPROVERS),
  rejectPackageRevisionDeletion: inPackages(APPROVERS),
  deletePackageRevision: inPackages(WORKERS),
  setPackageRevisionCondition: inPackages(CHECKERS),
  deletePackageRevisionCondition: inPackages(CHECKERS),
};
