/** How far a delivery tool has come with a package: it is applying it, has applied it, or has failed to. */
export const DELIVERY_STATES = ['progressing', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** How what was delivered fares there. */
export const DELIVERY_HEALTHS = ['healthy', 'degraded', 'unknown'] as const;
export type DeliveryHealth = (typeof DELIVERY_HEALTHS)[number];

/** One report of a delivery tool about one package. */
export interface DeliveryReport {
  tool: string;
  state: DeliveryState;
  health: DeliveryHealth;
  message: string;
  observedAt: Date;
}

/** A report with the content that it is about, as far as the index knows it. */
export interface DeliveredContent {
  commit: string | null;
  /** The revision that was published with this content; null: none was. */
  revision: string | null;
}

type Known = DeliveryReport & DeliveredContent;

/** A clock that is ahead by more than this is wrong: a report from far ahead would outdo all that follow. */
const MOST_AHEAD_MS = 300_000;

export const isAhead = ({ observedAt }: DeliveryReport, now: Date): boolean =>
  observedAt.getTime() > now.getTime() + MOST_AHEAD_MS;

/**
 * Whether a report changes nothing: the tool observed it before the known one, or repeats the known one. Tools tell the time by
 * the second, and their reports may overtake each other: of one second and commit, an outcome stays when progress arrives late.
 */
export function isKnown(known: Known, report: Known): boolean {
  const later = report.observedAt.getTime() - known.observedAt.getTime();
  if (later !== 0) return later < 0;
  if (isProgress(report) && !isProgress(known) && report.commit === known.commit) return true;
  return SAID.every((field) => known[field] === report[field]);
}

const isProgress = ({ state }: DeliveryReport): boolean => state === 'progressing';

const SAID = ['tool', 'state', 'health', 'message', 'commit', 'revision'] as const;

/** Whether readers are to be told: another state, health or content. A commit that changed nothing of the package is no other content. */
export function isNews(known: Known | null, report: Known): boolean {
  if (known === null || known.state !== report.state || known.health !== report.health) return true;
  return known.revision !== report.revision || (report.revision === null && known.commit !== report.commit);
}
