import { DiffSides } from './diff-sides.js';
import { PackageDiffController } from './package-diff.controller.js';
import { PackageDiffService } from './package-diff.service.js';
import { PackageDiffStore } from './package-diff.store.js';

export const packageDiffControllers = [PackageDiffController];

export const packageDiffProviders = [PackageDiffStore, DiffSides, PackageDiffService];
