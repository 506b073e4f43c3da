import { scopeOf } from '../../access/scope.store.js';
import { MemberStore } from './member.store.js';
import { SetMembers } from './reconcile/members.js';
import { ContentMaker } from './reconcile/made-content.js';
import { Reconciler } from './reconcile/reconciler.js';
import { ReconcileStore } from './reconcile/reconcile.store.js';
import { Retirement } from './reconcile/retirement.js';
import { VariantDrafts } from './reconcile/variant-drafts.js';
import { VariantWatch } from './reconcile/variant-watch.js';
import { VariantWatchStore } from './reconcile/variant-watch.store.js';
import { VariantsHandler } from './reconcile/variants.handler.js';
import { WantedContent } from './reconcile/wanted.js';
import { VariantController } from './variant.controller.js';
import { VariantConflicts } from './variant-conflicts.js';
import { VariantRights } from './variant-rights.js';
import { VariantService } from './variant.service.js';
import { VariantSetController } from './variant-set.controller.js';
import { VariantSetService } from './variant-set.service.js';
import { VariantSetStore } from './variant-set.store.js';
import { VariantStore } from './variant.store.js';
import { VariantWork } from './variant-work.js';

export const variantControllers = [VariantController, VariantSetController];

export const variantProviders = [
  VariantStore,
  VariantSetStore,
  MemberStore,
  VariantRights,
  VariantWork,
  VariantConflicts,
  VariantService,
  VariantSetService,
  scopeOf({
    collection: 'variants',
    noun: 'variant',
    read: 'packages.read',
    table: 'variant',
    repositoryId: 'repository_id',
    path: 'path',
  }),
  scopeOf({
    collection: 'variant-sets',
    noun: 'variant set',
    read: 'variants.read',
    table: 'variant_set',
    repositoryId: 'repository_id',
  }),
];

/** In worker processes, beside `workerProviders`. */
export const variantWorkProviders = [
  MemberStore,
  VariantWork,
  ReconcileStore,
  WantedContent,
  ContentMaker,
  VariantDrafts,
  Retirement,
  Reconciler,
  SetMembers,
  VariantWatchStore,
  VariantWatch,
  VariantsHandler,
];
