import { CredentialController } from './credential.controller.js';
import { CredentialService } from './credential.service.js';

export const credentialControllers = [CredentialController];

export const credentialProviders = [CredentialService];
