import { CredentialController } from './credential.controller.js';
import { CredentialService } from './credential.service.js';
import { CredentialStore } from './credential.store.js';
import { CredentialVault } from './credential-vault.js';

export const credentialControllers = [CredentialController];

/** Need `SealingKeys` beside them. */
export const credentialProviders = [CredentialStore, CredentialVault, CredentialService];
