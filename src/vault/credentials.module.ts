import { CredentialStore } from './credential.store.js';
import { StoredKeys } from './stored-keys.js';
import { CredentialVault } from './credential-vault.js';

/** Need `SealingKeys` beside them. */
export const credentialsProviders = [CredentialStore, CredentialVault, StoredKeys];
