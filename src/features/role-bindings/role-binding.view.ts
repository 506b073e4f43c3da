import type { RoleBinding } from '../../database/generated/client.js';
import { etagOf } from '../../domain/etag.js';
import type { RoleBindingResponse } from './role-binding.schema.js';

export function toRoleBindingResponse(row: RoleBinding): RoleBindingResponse {
  return {
    id: row.id,
    role: row.role,
    subject: { type: row.subjectType, name: row.subject },
    repositoryId: row.repositoryId,
    path: row.path,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    etag: etagOf(row.id),
  };
}
