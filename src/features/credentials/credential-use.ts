import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { INSTANCE } from '../../access/permission.js';
import type { CredentialType } from '../../database/generated/client.js';
import { refusal } from '../../domain/errors.js';
import { hostOf } from '../../domain/git-url.js';
import { CredentialStore } from '../../vault/credential.store.js';

const POINTER = '/git/credentialId';

/** Judges whether a caller may have a credential sent to where a URL leads. */
@Injectable()
export class CredentialUse {
  constructor(private readonly store: CredentialStore) {}

  /**
   * A credential is sent to whatever host the URL is on, so naming one is as good as having it: only callers who may see
   * credentials may name one, and only for the hosts that it is bound to. One that is bound to none yet is bound by its
   * first use, which takes whoever manages credentials. It stays as it is until the transaction ends.
   */
  async assertUsable(url: string, id: string | null, caller: Caller): Promise<void> {
    const known = id !== null && caller.allows('credentials.read', INSTANCE);
    const credential = known ? await this.store.hold(id) : null;
    if (id !== null && credential === null) {
      throw refusal('invalidBody', POINTER, 'notFound', `There is no credential with the id ${id}.`);
    }
    assertSignsIn(url, credential?.type ?? null);
    if (id === null || credential === null) return;
    const host = hostOf(url);
    if (credential.hosts.length > 0) return assertBoundTo(credential, host);
    caller.assertAllowed('credentials.manage', INSTANCE);
    await this.store.bind(id, host);
  }
}

/**
 * Throws for a URL and a credential that do not go together, pointing at the credential. `type` is null for none; one
 * that is there stays of its type for ever.
 */
export function assertSignsIn(url: string, type: CredentialType | null): void {
  const isSsh = url.startsWith('ssh:');
  if (isSsh ? type === 'ssh' : type !== 'ssh') return;
  const message = isSsh
    ? 'An ssh URL needs a credential of type ssh.'
    : 'A credential of type ssh is for ssh URLs; this URL takes one of type basic or token, or none.';
  const code = type === null ? 'required' : 'wrongType';
  throw refusal('invalidBody', POINTER, code, message);
}

/** Throws for a credential that was made for other hosts, pointing at it. */
export function assertBoundTo({ name, hosts }: { name: string; hosts: readonly string[] }, host: string): void {
  if (hosts.includes(host)) return;
  const message = `The credential "${name}" is for ${hosts.join(', ')} and is not sent to ${host}.`;
  throw refusal('invalidBody', POINTER, 'wrongHost', message);
}
