import { scopeOf } from '../../access/scope.store.js';
import { FolderUpgrades } from './folder-upgrades.js';
import { UpgradePreviewController } from './upgrade-preview.controller.js';
import { UpgradePreviewService } from './upgrade-preview.service.js';
import { UpgradePreviewListStore } from './upgrade-preview-list.store.js';
import { UpgradePreviewStore } from './upgrade-preview.store.js';

export const upgradePreviewControllers = [UpgradePreviewController];

/** Need `packageRevisionProviders`, which merge and begin the drafts, and `packageBlameProviders` beside them. */
export const upgradePreviewProviders = [
  UpgradePreviewStore,
  UpgradePreviewListStore,
  UpgradePreviewService,
  FolderUpgrades,
  scopeOf({
    collection: 'upgrade-previews',
    noun: 'upgrade preview',
    read: 'packages.read',
    table: 'upgrade_preview',
    repositoryId: 'repository_id',
    path: 'path',
  }),
];
