import { Injectable } from '@nestjs/common';
import { hostOf } from '../domain/git-url.js';
import { DomainError } from '../domain/errors.js';
import { CredentialStore } from '../vault/credential.store.js';
import { CredentialVault, keyMissing } from '../vault/credential-vault.js';
import type { GitTarget } from '../git/port.js';

/** How a repository's remote is reached: its URL, its credential unsealed for this visit only, whom it is to trust. */
@Injectable()
export class RemoteAccess {
  constructor(
    private readonly credentials: CredentialStore,
    private readonly vault: CredentialVault,
  ) {}

  async target(repository: { id: string; url: string; credentialId: string | null }): Promise<GitTarget> {
    const { id: key, url, credentialId } = repository;
    const credential = credentialId === null ? null : await this.credentials.find(credentialId);
    if (!credential) return { key, url };
    // Checked where a repository names it; once more here, where it would be sent.
    if (credential.hosts.length > 0 && !credential.hosts.includes(hostOf(url))) {
      const message = `The credential "${credential.name}" is for ${credential.hosts.join(', ')}, and was not sent.`;
      throw new DomainError('remoteAuthFailed', message);
    }
    try {
      const { caBundle } = credential;
      return { key, url, credential: this.vault.open(credential), ...(caBundle !== null && { caBundle }) };
    } catch (cause) {
      throw keyMissing(`The credential "${credential.name}"`, cause);
    }
  }
}
