import { Injectable } from '@nestjs/common';
import { open, seal } from './sealing.js';

/** The 32 bytes that seal secrets, and the token under which Nest injects them. */
export class SealingKey {
  constructor(readonly bytes: Buffer) {}
}

export type Secret = { password: string } | { token: string } | { privateKey: string };

/** What the Git client signs in with; the shapes of `git/port`. */
export type OpenedCredential =
  { username: string; password: string } | { token: string } | { privateKey: string; knownHosts: string };

/** Seals and opens the secrets of credentials. Each is bound to its credential's id, so rows cannot be swapped. */
@Injectable()
export class CredentialVault {
  constructor(private readonly key: SealingKey) {}

  seal(id: string, secret: Secret): Uint8Array<ArrayBuffer> {
    return new Uint8Array(seal(this.key.bytes, JSON.stringify(secret), id));
  }

  open(credential: {
    id: string;
    username: string | null;
    knownHosts: string | null;
    sealed: Uint8Array;
  }): OpenedCredential {
    const secret = JSON.parse(open(this.key.bytes, credential.sealed, credential.id)) as Secret;
    if ('token' in secret) return secret;
    if ('privateKey' in secret) return { ...secret, knownHosts: credential.knownHosts ?? '' };
    return { username: credential.username ?? '', password: secret.password };
  }
}
