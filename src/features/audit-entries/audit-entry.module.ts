import { scopeOf } from '../../access/scope.store.js';
import { AuditEntryController } from './audit-entry.controller.js';
import { AuditEntryService } from './audit-entry.service.js';
import { AuditEntryStore } from './audit-entry.store.js';

export const auditEntryControllers = [AuditEntryController];

/** Need `auditProviders` beside them. */
export const auditEntryProviders = [
  AuditEntryStore,
  AuditEntryService,
  scopeOf({
    collection: 'audit-entries',
    noun: 'audit entry',
    read: 'auditEntries.read',
    table: 'audit_entry',
  }),
];
