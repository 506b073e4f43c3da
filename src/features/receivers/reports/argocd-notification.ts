import type { DeliveryHealth, DeliveryState } from '../../../domain/delivery.js';
import {
  commitIn,
  idIn,
  type Ignored,
  messageOf,
  momentOf,
  subjectOf,
  textAt,
  type ToolReport,
} from './tool-report.js';

const HEALTHS: Readonly<Record<string, DeliveryHealth>> = {
  Healthy: 'healthy',
  Degraded: 'degraded',
  Missing: 'degraded',
};

/** Reads a notification of Argo CD, written by the template of docs/delivery.md. */
export function readArgocdNotification(payload: object): ToolReport | Ignored {
  const name = textAt(payload, 'application');
  if (name === '') return { subject: null, ignored: 'It was not written by the template for this receiver.' };
  const subject = subjectOf('Application', textAt(payload, 'namespace'), name);
  const ignored = (reason: string): Ignored => ({ subject, ignored: reason });
  const isSynced = textAt(payload, 'sync') === 'Synced';
  const state = stateOf(textAt(payload, 'phase'), isSynced, textAt(payload, 'health'));
  if (!state) return ignored('Nothing of it was synced yet.');
  const commit = commitIn(textAt(payload, isSynced ? 'revision' : 'operationRevision'));
  if (commit === null) return ignored('It names no commit.');
  const observedAt = momentOf(textAt(payload, 'observedAt'));
  if (!observedAt) return ignored('It names no time.');
  const health = state === 'progressing' ? 'unknown' : (HEALTHS[textAt(payload, 'health')] ?? 'unknown');
  const report = { tool: 'argocd', state, health, message: messageOf(textAt(payload, 'message')), observedAt };
  return { subject, packageId: idIn([textAt(payload, 'package')]), name, commit, report };
}

/** An application that is as its commit has it needs no operation that says so. */
function stateOf(phase: string, isSynced: boolean, health: string): DeliveryState | null {
  if (phase === 'Running' || phase === 'Terminating') return 'progressing';
  if (phase === 'Failed' || phase === 'Error') return 'failed';
  if (phase !== 'Succeeded' && !isSynced) return null;
  return health === 'Progressing' ? 'progressing' : 'delivered';
}
