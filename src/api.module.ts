import { Module, type Provider, type Type } from '@nestjs/common';
import { credentialControllers } from './features/credentials/credential.module.js';
import { packageControllers, packageProviders } from './features/packages/package.module.js';
import {
  packageRevisionControllers,
  packageRevisionProviders,
} from './features/package-revisions/package-revision.module.js';
import { repositoryControllers, repositoryProviders } from './features/repositories/repository.module.js';
import { operationControllers } from './operations/operation.module.js';

/** One line a feature. */
const controllers: Type<unknown>[] = [
  ...repositoryControllers,
  ...credentialControllers,
  ...packageControllers,
  ...packageRevisionControllers,
  ...operationControllers,
];
const providers: Provider[] = [...repositoryProviders, ...packageProviders, ...packageRevisionProviders];

/** The HTTP API. It reads the index and writes the database; it never touches a Git remote. */
@Module({ controllers, providers })
export class ApiModule {}
