import { Injectable } from '@nestjs/common';
import { noteChange } from '../../audit/noted-change.js';
import type { Credential } from '../../database/generated/client.js';
import { DomainError } from '../../domain/errors.js';
import { hostOf } from '../../domain/git-url.js';
import { found } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import { assertPrecondition, type Precondition } from '../../domain/precondition.js';
import { uuidv7 } from '../../domain/uuid.js';
import type { CredentialFilter } from '../../vault/credential.filter.js';
import { CredentialStore } from '../../vault/credential.store.js';
import { CredentialVault, type Secret } from '../../vault/credential-vault.js';
import { credentialEtag } from './credential.view.js';
import type { SshPrivateKey } from './ssh-private-key.js';

/** What only credentials of one type have. */
interface TypeFields {
  username?: string | undefined;
  password?: string | undefined;
  token?: string | undefined;
  caBundle?: string | null | undefined;
  privateKey?: SshPrivateKey | undefined;
  knownHosts?: string | undefined;
}
type TypeField = keyof TypeFields;

export interface NewCredential extends TypeFields {
  type: Credential['type'];
  name: string;
  description?: string | null | undefined;
  /** The only ones that it is sent to; none: that of its first use. */
  hosts?: string[] | undefined;
}

export type CredentialPatch = Partial<NewCredential>;

@Injectable()
export class CredentialService {
  constructor(
    private readonly store: CredentialStore,
    private readonly vault: CredentialVault,
  ) {}

  async list(filter: CredentialFilter, part: Part): Promise<Rows<Credential>> {
    return this.store.list(filter, part);
  }

  async get(id: string): Promise<Credential> {
    return found(await this.store.find(id), 'credential', id);
  }

  async create(request: NewCredential, actor: string): Promise<Credential> {
    const id = uuidv7();
    const now = new Date();
    return this.store.insert({
      id,
      name: request.name,
      description: request.description ?? null,
      type: request.type,
      hosts: request.hosts ?? [],
      ...readableFields(request),
      sealed: this.vault.seal(id, secretOf(request)),
      createdAt: now,
      createdBy: actor,
      updatedAt: now,
      updatedBy: actor,
    });
  }

  async update(id: string, patch: CredentialPatch, seen: Precondition, actor: string): Promise<Credential> {
    const current = await this.lockAsSeen(id, seen);
    assertFieldsOf(current.type, patch);
    if (patch.hosts) await this.assertReaches(current, patch.hosts);
    const secret = secretOf(patch);
    return this.store.update(id, {
      name: patch.name,
      description: patch.description,
      hosts: patch.hosts,
      ...readableFields(patch),
      sealed: secret && this.vault.seal(id, secret),
      updatedAt: new Date(),
      updatedBy: actor,
    });
  }

  async delete(id: string, seen: Precondition): Promise<void> {
    const { name } = await this.lockAsSeen(id, seen);
    const repositories = await this.store.namesOfUsers(id, SHOWN);
    if (repositories.length > 0) {
      throw new DomainError('inUse', `Repositories still use the credential "${name}": ${repositories.join(', ')}.`, {
        repositories,
      });
    }
    await this.store.delete(id);
  }

  /** Throws `inUse` where the credential would not be sent any more to a repository that uses it. */
  private async assertReaches({ id, name }: Credential, hosts: readonly string[]): Promise<void> {
    const used = await this.store.usersOf(id);
    const cut = used.filter(({ url }) => !hosts.includes(hostOf(url))).map((repository) => repository.name);
    if (cut.length === 0) return;
    const repositories = cut.slice(0, SHOWN);
    throw new DomainError(
      'inUse',
      `Repositories on other hosts still use the credential "${name}": ${repositories.join(', ')}.`,
      { repositories },
    );
  }

  private async lockAsSeen(id: string, seen: Precondition): Promise<Credential> {
    const current = found(await this.store.lock(id), 'credential', id);
    const before = credentialEtag(current);
    assertPrecondition(seen, before, 'The credential');
    noteChange(id, { before });
    return current;
  }
}

/** How many repositories a refusal names at most. */
const SHOWN = 20;

const FIELDS: Record<Credential['type'], readonly TypeField[]> = {
  basic: ['username', 'password', 'caBundle'],
  token: ['token', 'caBundle'],
  ssh: ['privateKey', 'knownHosts'],
};

/** The columns that are given back; `undefined` for what is left out. */
const readableFields = ({ username, caBundle, privateKey, knownHosts }: TypeFields) => ({
  username,
  caBundle,
  publicKey: privateKey?.publicKey,
  knownHosts,
});

function secretOf(request: NewCredential): Secret;
function secretOf(patch: CredentialPatch): Secret | undefined;
function secretOf({ password, token, privateKey }: TypeFields): Secret | undefined {
  if (password !== undefined) return { password };
  if (token !== undefined) return { token };
  return privateKey && { privateKey: privateKey.text };
}

/** Throws for another type, and for the fields of another type. */
function assertFieldsOf(type: Credential['type'], patch: CredentialPatch): void {
  if (patch.type !== undefined && patch.type !== type) {
    throw refusal('immutableField', ['type'], 'The type of a credential cannot change; create another one.');
  }
  const foreign = [...new Set(Object.values(FIELDS).flat())].filter(
    (field) => patch[field] !== undefined && !FIELDS[type].includes(field),
  );
  if (foreign.length > 0) throw refusal('invalidBody', foreign, `A credential of type ${type} has no such field.`);
}

const refusal = (code: 'immutableField' | 'invalidBody', fields: string[], message: string) =>
  new DomainError(code, message, { errors: fields.map((field) => ({ pointer: `/${field}`, code, message })) });
