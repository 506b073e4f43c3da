import type { DeliveryReport } from '../../../domain/delivery.js';
import { storableText } from '../../../domain/storable-text.js';
import { isUuid } from '../../../domain/uuid.js';
import { fieldOf, textOf } from '../hook-payload.js';

/** What a delivery tool says of one of its objects, which delivers a package. */
export interface ToolReport {
  /** The object as the tool calls it: kind, namespace and name. */
  subject: string;
  /** The id of the package, from an annotation of the object; null: it has none. */
  packageId: string | null;
  /** The name of the object. */
  name: string;
  /** Of which commit of the repository. */
  commit: string;
  report: DeliveryReport;
}

/** A call that is no report of a package, and why. */
export interface Ignored {
  subject: string | null;
  ignored: string;
}

const LONGEST_MESSAGE = 4096;
const LONGEST_SUBJECT = 512;

/** The text at the end of a path of fields; empty where there is none. It can be stored. */
export const textAt = (payload: unknown, ...path: readonly string[]): string =>
  storableText(textOf(path.reduce(fieldOf, payload)));

export const subjectOf = (kind: string, namespace: string, name: string): string =>
  storableText([kind, namespace, name].join('/').slice(0, LONGEST_SUBJECT));

export const messageOf = (text: string): string => storableText(text.slice(0, LONGEST_MESSAGE));

/** A moment as tools write it; null: it is none. */
export function momentOf(text: string): Date | null {
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? new Date(text) : null;
  return time && !Number.isNaN(time.getTime()) ? time : null;
}

/** An annotation that is no id is somebody else's. */
export const idIn = (texts: readonly string[]): string | null => texts.find(isUuid) ?? null;

/** The commit at the end of a revision: `main@sha1:OID`, as older versions write it `main/OID`, or the OID alone; null: there is none. */
export const commitIn = (revision: string): string | null =>
  /(?:^|[/:])([0-9a-f]{40}|[0-9a-f]{64})$/.exec(revision)?.[1] ?? null;
