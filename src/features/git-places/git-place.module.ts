import { CredentialUse } from '../credentials/credential-use.js';
import { GitPlaceService } from './git-place.service.js';
import { GitPlaceStore } from './git-place.store.js';

/** In every process: workers judge once more what requests have named. */
export const gitPlaceProviders = [CredentialUse, GitPlaceStore, GitPlaceService];
