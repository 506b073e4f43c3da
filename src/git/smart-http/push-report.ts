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

const LISTED = 5;

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
    return new GitError('staleRef', `Someone else changed ${refs.map(({ ref }) => ref).join(', ')}.`, {
      refs,
      remarks: report.remarks.text,
    });
  }
  const refs = culprits.length > 0 ? culprits : failed;
  return rejected(refs, `The remote refuses ${listed(refs)}.`, report);
}

/** Leaves room for what the remote says beside its reasons. */
function listed(refs: readonly { ref: string; reason: string }[]): string {
  const list = refs.slice(0, LISTED).map(({ ref, reason }) => `${ref} (${reason})`);
  return refs.length > LISTED ? `${list.join(', ')} and ${refs.length - LISTED} more` : list.join(', ');
}

/**
 * For refs that the remote says somebody else was quicker to change, and that are where they were: something on its side
 * keeps it from changing them, such as a lock that was left behind.
 */
export function notChanged({ data: { refs = [], remarks = '' } }: GitError): GitError {
  return new GitError('busy', withRemarks(`The remote does not change ${listed(refs)}.`, remarks), { refs });
}

function rejected(refs: { ref: string; reason: string }[], summary: string, report: PushReport): GitError {
  return new GitError('rejected', withRemarks(summary, report.remarks.text), { refs, remarks: report.remarks.text });
}

function withRemarks(summary: string, remarks: string): string {
  if (remarks === '') return summary;
  const lines = remarks.split('\n').map((line) => `remote: ${line.trimEnd()}`);
  return [summary, ...lines].join('\n').slice(0, 1024);
}
