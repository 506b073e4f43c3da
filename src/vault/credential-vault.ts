import { Injectable } from '@nestjs/common';
import { SystemFault } from '../domain/system-fault.js';
import { isSealedWith, open, seal, SealingError } from './sealing.js';

/** The keys of secrets, and the token under which Nest injects them. The first one seals. */
export class SealingKeys {
  constructor(readonly all: readonly [Buffer, ...Buffer[]]) {}
}

/** `what` cannot be opened here; another process may have the key, and this one may get it. */
export const keyMissing = (what: string, cause?: unknown): SystemFault =>
  new SystemFault(
    'SealingKeyMissing',
    `${what} was sealed with another key than this process has (CREDENTIALS_KEY, or the file in DATA_DIR).`,
    cause,
  );

export type Secret = { password: string } | { token: string } | { privateKey: string };

/** What the Git client signs in with; the shapes of `git/port`. */
export type OpenedCredential =
  { username: string; password: string } | { token: string } | { privateKey: string; knownHosts: string };

/** Seals and opens the secrets of credentials, receivers and webhooks. Each is bound to its row's id, so rows cannot be swapped. */
@Injectable()
export class CredentialVault {
  constructor(private readonly keys: SealingKeys) {}

  seal(id: string, secret: Secret): Uint8Array<ArrayBuffer> {
    return new Uint8Array(seal(this.keys.all[0], JSON.stringify(secret), id));
  }

  /** The same secret under the first key; null where it is already. */
  reseal({ id, sealed }: { id: string; sealed: Uint8Array }): Uint8Array<ArrayBuffer> | null {
    const [current] = this.keys.all;
    if (isSealedWith(current, sealed)) return null;
    return new Uint8Array(seal(current, open(this.keys.all, sealed, id), id));
  }

  /** Says whether this process has the key that sealed the secret. */
  opens({ sealed }: { sealed: Uint8Array }): boolean {
    return this.keys.all.some((key) => isSealedWith(key, sealed));
  }

  /** A secret that is a token, of whatever has this id. */
  openToken({ id, sealed }: { id: string; sealed: Uint8Array }): string {
    const opened = this.open({ id, sealed, username: null, knownHosts: null });
    if ('token' in opened) return opened.token;
    throw new SealingError('This secret is no token.');
  }

  open(credential: {
    id: string;
    username: string | null;
    knownHosts: string | null;
    sealed: Uint8Array;
  }): OpenedCredential {
    const secret = JSON.parse(open(this.keys.all, credential.sealed, credential.id)) as Secret;
    if ('token' in secret) return secret;
    if ('privateKey' in secret) return { ...secret, knownHosts: credential.knownHosts ?? '' };
    return { username: credential.username ?? '', password: secret.password };
  }
}
