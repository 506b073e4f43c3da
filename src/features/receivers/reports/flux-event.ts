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

const GROUP = 'kustomize.toolkit.fluxcd.io';
/** By version, an event has the names of its metadata with the group of its object, with that of events, or alone. */
const PREFIXES = [`${GROUP}/`, 'event.toolkit.fluxcd.io/', ''];

type Outcome = readonly [DeliveryState, DeliveryHealth];

/** What the reasons of a Kustomization say; others are judged by their severity. */
const OUTCOMES: Readonly<Record<string, Outcome>> = {
  ReconciliationSucceeded: ['delivered', 'healthy'],
  Progressing: ['progressing', 'unknown'],
  ProgressingWithRetry: ['progressing', 'unknown'],
  DependencyNotReady: ['progressing', 'unknown'],
  HealthCheckFailed: ['failed', 'degraded'],
};

/** Reads an event of Flux's notification-controller, as its `generic-hmac` provider sends it. */
export function readFluxEvent(payload: object): ToolReport | Ignored {
  const [kind, namespace, name] = ['kind', 'namespace', 'name'].map((field) =>
    textAt(payload, 'involvedObject', field),
  );
  if (!kind || !name) return { subject: null, ignored: 'It is no event of Flux.' };
  const subject = subjectOf(kind, namespace ?? '', name);
  const ignored = (reason: string): Ignored => ({ subject, ignored: reason });
  if (kind !== 'Kustomization' || !textAt(payload, 'involvedObject', 'apiVersion').startsWith(`${GROUP}/`)) {
    return ignored('Only the events of a Kustomization of Flux tell of a package.');
  }
  const metadata = (key: string) => PREFIXES.map((prefix) => textAt(payload, 'metadata', prefix + key));
  const commit = metadata('revision')
    .flatMap((revision) => commitIn(revision) ?? [])
    .at(0);
  if (commit === undefined) return ignored('It names no commit.');
  const observedAt = momentOf(textAt(payload, 'timestamp'));
  if (!observedAt) return ignored('It names no time.');
  const outcome = outcomeOf(textAt(payload, 'reason'), textAt(payload, 'severity'));
  if (!outcome) return ignored('Its reason says nothing of a delivery.');
  const [state, health] = outcome;
  const message = messageOf(textAt(payload, 'message'));
  const report = { tool: 'flux', state, health, message, observedAt };
  return { subject, packageId: idIn(metadata('package')), name, commit, report };
}

function outcomeOf(reason: string, severity: string): Outcome | undefined {
  return Object.hasOwn(OUTCOMES, reason) ? OUTCOMES[reason] : severity === 'error' ? ['failed', 'unknown'] : undefined;
}
