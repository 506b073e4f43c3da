import { ApprovalController } from './approval.controller.js';
import { ApprovalService } from './approval.service.js';
import { ApprovalStore } from './approval.store.js';
import { AuthoringService } from './authoring.service.js';
import { AuthoringStore } from './authoring.store.js';
import { ConditionController } from './condition.controller.js';
import { ConditionService } from './condition.service.js';
import { DraftConflictService } from './draft-conflict.service.js';
import { FilesController } from './files.controller.js';
import { FilesService } from './files.service.js';
import { LifecycleController } from './lifecycle.controller.js';
import { LifecycleService } from './lifecycle.service.js';
import { PackageContent } from './package-content.js';
import { PackageRevisionController } from './package-revision.controller.js';
import { PackageRevisionService } from './package-revision.service.js';
import { PackageRevisionStore } from './package-revision.store.js';
import { ResourcesController } from './resources.controller.js';
import { ResourcesReader } from './resources-reader.js';
import { ResourcesService } from './resources.service.js';
import { ReleaseRules } from './release-rules.js';
import { RevisionGuard } from './revision-guard.js';
import { RevisionWork } from './revision-work.js';
import { UpstreamService } from './upstream.service.js';

export const packageRevisionControllers = [
  PackageRevisionController,
  LifecycleController,
  ApprovalController,
  ConditionController,
  ResourcesController,
  FilesController,
];

/** Need `packageProviders` beside them. */
export const packageRevisionProviders = [
  PackageRevisionStore,
  AuthoringStore,
  ApprovalStore,
  RevisionGuard,
  ReleaseRules,
  RevisionWork,
  PackageContent,
  UpstreamService,
  PackageRevisionService,
  AuthoringService,
  LifecycleService,
  ApprovalService,
  ConditionService,
  DraftConflictService,
  ResourcesReader,
  ResourcesService,
  FilesService,
];
