export interface LinedEvent {
  type: string;
  subject: string;
  time: string;
  actor: string | null;
  data: object;
}

export interface EventLine {
  time: string;
  type: string;
  what: string;
  who: string;
  change: string;
  tone: 'good' | 'bad' | 'quiet' | 'plain';
}

export function lineOf(event: LinedEvent): EventLine;
/** Without `dev.pkgserver.`. */
export function shortType(type: string): string;
/** With it, given or not. */
export function fullType(type: string): string;
