import { scopeOf } from '../../access/scope.store.js';
import { CredentialController } from './credential.controller.js';
import { CredentialService } from './credential.service.js';

export const credentialControllers = [CredentialController];

export const credentialProviders = [
  CredentialService,
  scopeOf({
    collection: 'credentials',
    noun: 'credential',
    read: 'credentials.read',
    table: 'credential',
  }),
];
