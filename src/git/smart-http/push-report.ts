import { type Packet, packetText, printable } from './pkt-line.js';
import { GitError, type RefChange } from '../port.js';
import type { Remarks } from './side-band.js';

/** The remote's answer to a push (`report-status`). */
export interface PushReport {
  /** `ok`, or why the objects were not taken in. */
  unpack: string;
  /** Ref → `ok`, or why not. */
  refs: Map<string, string>;
  remarks: Remarks;
}

export async function readReport(packets: AsyncIterable<Packet>, remarks: Remarks): Promise<PushReport> {
  let unpack: string | null = null;
  const refs = new Map<string, string>();
  for await (const packet of packets) {
    if (packet.kind !== 'data') continue;
    const [word, ref = '', ...reason] = packetText(packet.data).split(' ');
    if (word === 'unpack') unpack = [ref, ...reason].join(' ');
    else if (word === 'ok') refs.set(ref, 'ok');
    else if (word === 'ng') refs.set(ref, printable(reason.join(' ')) || 'refused');
  }
  // Cut off before the report: whether the push was accepted is unknown, and only the refs can tell.
  if (unpack === null)
    throw new GitError('unreachable', 'The remote ended its answer before saying how the push went.');
  return { unpack, refs, remarks };
}

/** Refs that fell with another one of the set, or with the set as a whole. */
const FELL_WITH_OTHERS = /^(atomic )?(transaction|push) fail/i;
/** That someone else was quicker, in the words of different servers. */
const WAS_STALE =
  /failed to (update|lock|delete|write)|fetch first|non-fast-forward|stale info|incorrect old value|cannot lock ref|unable to lock|already exists|does not exist|but expected|needs? (a )?(fetch|pull)|lock_failure/i;
/** `refs/heads/a` and `refs/heads/a/b` cannot both be: trying again does not help. */
const NAMES_CLASH = /exists; cannot create|refname conflict|file\/directory conflict/i;

/** What the report comes to: null if all changes are through, else `staleRef` or `rejected` with the refs at fault. */
export function refusal(changes: readonly RefChange[], report: PushReport): GitError | null {
  const failed = changes
    .map(({ ref }) => ({ ref, reason: report.refs.get(ref) ?? 'not mentioned in the answer' }))
    .filter(({ reason }) => reason !== 'ok');
  if (report.unpack !== 'ok')
    return rejected(failed, `The remote cannot take in the objects: ${report.unpack}.`, report);
  if (failed.length === 0) return null;
  const culprits = failed.filter(({ reason }) => !FELL_WITH_OTHERS.test(reason));
  const clash = NAMES_CLASH.test(report.remarks.raw) || culprits.some(({ reason }) => NAMES_CLASH.test(reason));
  // A transaction that failed as a whole names nobody: then a ref that had moved is the usual cause.
  if (!clash && culprits.every(({ reason }) => WAS_STALE.test(reason))) {
    const refs = culprits.length > 0 ? culprits : failed;
    return new GitError('staleRef', `Someone else changed ${refs.map(({ ref }) => ref).join(', ')}.`, { refs });
  }
  const refs = culprits.length > 0 ? culprits : failed;
  const list = refs.map(({ ref, reason }) => `${ref} (${reason})`).join(', ');
  return rejected(refs, `The remote refuses ${list}.`, report);
}

function rejected(refs: { ref: string; reason: string }[], summary: string, report: PushReport): GitError {
  const remarks = report.remarks.text
    .split('\n')
    .map((line) => `remote: ${line.trimEnd()}`)
    .join('\n');
  const message = report.remarks.text === '' ? summary : `${summary}\n${remarks}`;
  return new GitError('rejected', message.slice(0, 1024), { refs });
}
