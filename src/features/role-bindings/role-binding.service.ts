import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { Visibility } from '../../access/grants.js';
import { PathPattern } from '../../access/path-pattern.js';
import { isInstanceRole, isPathRole, type Role } from '../../access/role.js';
import { isUserName, USER_NAME_RULE } from '../../access/user-name.js';
import { noteChange } from '../../audit/noted-change.js';
import type { RoleBinding } from '../../database/generated/client.js';
import { DomainError, refusal } from '../../domain/errors.js';
import { found } from '../../domain/found.js';
import type { Part, Rows } from '../../domain/list.js';
import { assertPrecondition, type Precondition } from '../../domain/precondition.js';
import { uuidv7 } from '../../domain/uuid.js';
import type { RoleBindingFilter } from './role-binding.filter.js';
import { RoleBindingStore } from './role-binding.store.js';
import { toRoleBindingResponse } from './role-binding.view.js';

export interface NewRoleBinding {
  role: Role;
  subject: { type: RoleBinding['subjectType']; name: string };
  /** Null: all of them. */
  repositoryId: string | null;
  /** A pattern of package paths; null: all of them. */
  path: string | null;
}

/** Role bindings of one subject in one repository, or on everything. */
const MOST_IN_ONE_PLACE = 100;

/** Who has which role where. */
@Injectable()
export class RoleBindingService {
  constructor(private readonly store: RoleBindingStore) {}

  async list(filter: RoleBindingFilter, visible: Visibility, part: Part): Promise<Rows<RoleBinding>> {
    return this.store.list(filter, visible, part);
  }

  async get(id: string): Promise<RoleBinding> {
    return found(await this.store.find(id), 'role binding', id);
  }

  /** Callers give roles only where they administer: on all repositories only those who administer all of them. */
  async create(request: NewRoleBinding, caller: Caller): Promise<RoleBinding> {
    const { role, subject, repositoryId, path } = request;
    assertShape(request);
    const known = repositoryId === null || (await this.store.hasRepository(repositoryId));
    if (!known || (repositoryId !== null && !caller.allows('repositories.read', { repositoryId }))) {
      throw refusal('invalidBody', '/repositoryId', 'notFound', `There is no repository with the id ${repositoryId}.`);
    }
    caller.assertAllowed('roleBindings.manage', { repositoryId });
    const binding = { role, subjectType: subject.type, subject: subject.name, repositoryId, path };
    const same = await this.store.lockSame(binding);
    if (same) throw new DomainError('alreadyExists', `This role binding exists already: ${same.id}.`, { id: same.id });
    await this.assertFew(binding);
    return this.store.insert({ id: uuidv7(), ...binding, createdAt: new Date(), createdBy: caller.user });
  }

  /** All of a subject's bindings are read with each of its requests. */
  private async assertFew({ subjectType, subject, repositoryId }: Omit<RoleBinding, 'id' | 'createdAt' | 'createdBy'>) {
    if ((await this.store.count({ subjectType, subject, repositoryId })) < MOST_IN_ONE_PLACE) return;
    const message = `"${subject}" has ${MOST_IN_ONE_PLACE} role bindings there already; use patterns such as "edge*/**".`;
    throw refusal('invalidBody', '/subject', 'tooBig', message);
  }

  async delete(id: string, seen: Precondition): Promise<void> {
    const { etag: before, repositoryId, path } = toRoleBindingResponse(await this.get(id));
    assertPrecondition(seen, before, 'The role binding');
    noteChange(id, { before, repositoryId, path });
    await this.store.delete(id);
  }
}

function assertShape({ role, subject, repositoryId, path }: NewRoleBinding): void {
  if (subject.type === 'user' && !isUserName(subject.name)) {
    throw refusal('invalidBody', '/subject/name', 'invalidFormat', `A user's name may hold ${USER_NAME_RULE}.`);
  }
  if (repositoryId !== null && isInstanceRole(role)) {
    throw refusal(
      'invalidBody',
      '/repositoryId',
      'invalidValue',
      `The role ${role} is given on all repositories only.`,
    );
  }
  if (path === null) return;
  if (repositoryId === null)
    throw refusal('invalidBody', '/path', 'invalidValue', 'Paths are those of one repository: name it.');
  if (!isPathRole(role))
    throw refusal('invalidBody', '/path', 'invalidValue', `The role ${role} is given on whole repositories only.`);
  PathPattern.parse(path);
}
