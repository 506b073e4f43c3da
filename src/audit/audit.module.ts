import { FailedSignIns } from './failed-sign-ins.js';
import { AuditLog } from './audit-log.js';
import { AuditSealer } from './audit-sealer.js';
import { AuditTrail } from './audit-trail.js';
import { ChainStore } from './chain.store.js';

/** The audit log and its chain: in every process. */
export const auditProviders = [AuditLog, FailedSignIns, AuditTrail, ChainStore, AuditSealer];
