import { scopeOf } from '../../access/scope.store.js';
import { ApprovalController } from './release/approval.controller.js';
import { ApprovalService } from './release/approval.service.js';
import { AuthoringService } from './authoring/authoring.service.js';
import { PlaceClones } from './authoring/place-clones.js';
import { AuthoringStore } from './authoring/authoring.store.js';
import { BulkServices } from './bulk/bulk-action.js';
import { BulkController } from './bulk/bulk.controller.js';
import { BulkHandler } from './bulk/bulk.handler.js';
import { BulkJudge } from './bulk/bulk-judge.js';
import { BulkService } from './bulk/bulk.service.js';
import { BulkStore } from './bulk/bulk.store.js';
import { ConditionController } from './release/condition.controller.js';
import { ConditionService } from './release/condition.service.js';
import { DraftConflictService } from './lifecycle/draft-conflict.service.js';
import { LifecycleController } from './lifecycle/lifecycle.controller.js';
import { LifecycleService } from './lifecycle/lifecycle.service.js';
import { OriginService } from './authoring/origin.service.js';
import { GateWatch } from './release/gate-watch.js';
import { PackageContent } from './authoring/package-content.js';
import { PackageRevisionController } from './package-revision.controller.js';
import { PackageRevisionService } from './package-revision.service.js';
import { ContentRules } from './content-rules.js';
import { HeadRules } from './head-rules.js';
import { RebaseService } from './lifecycle/rebase.service.js';
import { ReleaseRules } from './release/release-rules.js';
import { RevisionGuard } from './revision-guard.js';
import { RevisionWork } from './revision-work.js';
import { PartUpgrades } from './upgrades/part-upgrades.js';
import { UpgradeService } from './upgrades/upgrade.service.js';
import { UpgradeTargets } from './upgrades/upgrade-targets.js';
import { WaitingService } from './release/waiting.service.js';
import { UpstreamService } from './authoring/upstream.service.js';

export const packageRevisionControllers = [
  BulkController,
  PackageRevisionController,
  LifecycleController,
  ApprovalController,
  ConditionController,
];

/** In every process: workers judge what bulk requests ask for. */
export const packageRevisionProviders = [
  AuthoringStore,
  RevisionGuard,
  ReleaseRules,
  RevisionWork,
  PackageContent,
  UpstreamService,
  UpgradeTargets,
  UpgradeService,
  PartUpgrades,
  OriginService,
  PackageRevisionService,
  AuthoringService,
  PlaceClones,
  LifecycleService,
  ApprovalService,
  GateWatch,
  ConditionService,
  DraftConflictService,
  ContentRules,
  HeadRules,
  RebaseService,
  WaitingService,
  BulkServices,
  BulkStore,
  BulkJudge,
  BulkService,
  scopeOf({
    collection: 'package-revisions',
    noun: 'package revision',
    read: 'packages.read',
    table: 'package_revision',
    repositoryId: 'repository_id',
    path: 'path',
  }),
];

/** In worker processes, beside these and `workerProviders`. */
export const revisionWorkProviders = [BulkHandler];
