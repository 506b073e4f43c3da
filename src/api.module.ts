import { Module, type Provider, type Type } from '@nestjs/common';
import { apiTokenControllers, apiTokenProviders } from './features/api-tokens/api-token.module.js';
import { auditEntryControllers, auditEntryProviders } from './features/audit-entries/audit-entry.module.js';
import { campaignControllers } from './features/campaigns/campaign.module.js';
import { credentialControllers, credentialProviders } from './features/credentials/credential.module.js';
import { dependencyControllers } from './features/dependencies/dependency.module.js';
import {
  deliveryManifestControllers,
  deliveryManifestProviders,
} from './features/delivery-manifests/delivery-manifest.module.js';
import { driftControllers, driftProviders } from './features/drift/drift.module.js';
import {
  upgradePreviewControllers,
  upgradePreviewProviders,
} from './features/upgrade-previews/upgrade-preview.module.js';
import { eventControllers, eventProviders } from './features/events/event.module.js';
import { fleetControllers, fleetProviders } from './features/fleet/fleet.module.js';
import { meControllers } from './features/me/me.module.js';
import { packageControllers, packageProviders } from './features/packages/package.module.js';
import {
  packageDeliveryControllers,
  packageDeliveryProviders,
} from './features/package-deliveries/package-delivery.module.js';
import {
  packageHistoryControllers,
  packageHistoryProviders,
} from './features/package-history/package-history.module.js';
import { packageRevisionControllers } from './features/package-revisions/package-revision.module.js';
import { packageContentsControllers } from './features/package-contents/package-contents.module.js';
import { packageBlameControllers, packageBlameProviders } from './features/package-blame/package-blame.module.js';
import { packageDiffControllers } from './features/package-diffs/package-diff.module.js';
import { packageImpactControllers, packageImpactProviders } from './features/package-impact/impact.module.js';
import { packageSbomControllers, packageSbomProviders } from './features/package-sboms/package-sbom.module.js';
import { receiverControllers, receiverProviders } from './features/receivers/receiver.module.js';
import { repositoryControllers, repositoryProviders } from './features/repositories/repository.module.js';
import { roleBindingControllers, roleBindingProviders } from './features/role-bindings/role-binding.module.js';
import { searchControllers, searchProviders } from './features/search/search.module.js';
import { subpackageControllers } from './features/subpackages/subpackage.module.js';
import { targetControllers, targetProviders } from './features/targets/target.module.js';
import { variantControllers, variantProviders } from './features/variants/variant.module.js';
import { viewControllers, viewProviders } from './features/views/view.module.js';
import { webhookControllers, webhookProviders } from './features/webhooks/webhook.module.js';
import { operationControllers } from './features/operations/operation.module.js';

/** One line a feature. */
const apiControllers: Type<unknown>[] = [
  ...repositoryControllers,
  ...receiverControllers,
  ...credentialControllers,
  ...packageControllers,
  ...packageHistoryControllers,
  ...targetControllers,
  ...fleetControllers,
  ...dependencyControllers,
  ...packageDeliveryControllers,
  ...packageRevisionControllers,
  ...packageContentsControllers,
  ...subpackageControllers,
  ...packageDiffControllers,
  ...packageBlameControllers,
  ...packageImpactControllers,
  ...packageSbomControllers,
  ...deliveryManifestControllers,
  ...driftControllers,
  ...upgradePreviewControllers,
  ...variantControllers,
  ...campaignControllers,
  ...searchControllers,
  ...viewControllers,
  ...operationControllers,
  ...roleBindingControllers,
  ...apiTokenControllers,
  ...meControllers,
  ...auditEntryControllers,
  ...eventControllers,
  ...webhookControllers,
];
const apiProviders: Provider[] = [
  ...repositoryProviders,
  ...receiverProviders,
  ...credentialProviders,
  ...packageProviders,
  ...packageHistoryProviders,
  ...targetProviders,
  ...fleetProviders,
  ...packageDeliveryProviders,
  ...packageBlameProviders,
  ...packageImpactProviders,
  ...packageSbomProviders,
  ...deliveryManifestProviders,
  ...driftProviders,
  ...upgradePreviewProviders,
  ...variantProviders,
  ...searchProviders,
  ...viewProviders,
  ...roleBindingProviders,
  ...apiTokenProviders,
  ...auditEntryProviders,
  ...eventProviders,
  ...webhookProviders,
];

/** The HTTP API. It reads the index and writes the database; it never touches a Git remote. */
@Module({ controllers: apiControllers, providers: apiProviders })
export class ApiModule {}
