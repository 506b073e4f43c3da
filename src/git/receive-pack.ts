import { readAdvertisement } from './advertisement.js';
import type { GitHttpRemote } from './http-client.js';
import { encodePacket, FLUSH, readPacketBatches, readPackets } from './pkt-line.js';
import { GitError, type RefChange } from './port.js';
import { type PushReport, readReport, refusal } from './push-report.js';
import { demultiplex, Remarks } from './side-band.js';

const NO_OBJECT = '0'.repeat(40);

/**
 * Pushes ref changes: all as one where the remote can, else one by one. `pack` makes the pack of the objects they
 * need, and is only asked when something other than deletions is pushed.
 */
export async function pushChanges(
  remote: GitHttpRemote,
  changes: readonly RefChange[],
  pack: () => Promise<Buffer>,
  signal: AbortSignal,
): Promise<void> {
  const offer = await readAdvertisement(readPacketBatches(remote.advertisement('git-receive-pack', signal)));
  if (!offer.capabilities.has('report-status')) {
    throw new GitError('protocol', 'The remote would not say whether a push succeeded.');
  }
  checkExpected(changes, offer.refs);
  const bytes = changes.some((change) => change.next !== null) ? await pack() : null;
  const atomic = offer.capabilities.has('atomic');
  const sideBand = offer.capabilities.has('side-band-64k');
  const capabilities = ['report-status', 'agent=pkgserver'];
  if (sideBand) capabilities.push('side-band-64k');
  if (atomic && changes.length > 1) capabilities.push('atomic');
  const batches = atomic ? [changes] : changes.map((change) => [change]);
  for (const batch of batches) {
    // Each batch carries the whole pack: a remote may forget objects that the refs of a batch do not reach.
    const needsPack = batch.some((change) => change.next !== null);
    const request = Buffer.concat([commands(batch, capabilities), ...(needsPack && bytes ? [bytes] : [])]);
    const error = refusal(batch, await send(remote, request, sideBand, signal));
    if (error) throw error;
  }
}

/** The remote compares again, under lock. This spares a pack and gives the plainer answer. */
function checkExpected(changes: readonly RefChange[], advertised: ReadonlyMap<string, string>): void {
  const stale = changes.filter((change) => (advertised.get(change.ref) ?? null) !== change.expected);
  if (stale.length === 0) return;
  const refs = stale.map(({ ref, expected }) => ({
    ref,
    reason: `is at ${advertised.get(ref) ?? 'nothing'}, not at ${expected ?? 'nothing'}`,
  }));
  throw new GitError('staleRef', `Someone else changed ${refs.map(({ ref }) => ref).join(', ')}.`, { refs });
}

function commands(changes: readonly RefChange[], capabilities: readonly string[]): Buffer {
  const lines = changes.map(({ ref, expected, next }, index) => {
    const suffix = index === 0 ? `\0 ${capabilities.join(' ')}` : '';
    return encodePacket(`${expected ?? NO_OBJECT} ${next ?? NO_OBJECT} ${ref}${suffix}`);
  });
  return Buffer.concat([...lines, FLUSH]);
}

async function send(
  remote: GitHttpRemote,
  request: Buffer,
  sideBand: boolean,
  signal: AbortSignal,
): Promise<PushReport> {
  const remarks = new Remarks();
  const answer = remote.call('git-receive-pack', request, signal);
  // In the side band the report is a stream of packets within the packets of band 1.
  const bytes = sideBand ? demultiplex(readPackets(answer), remarks) : answer;
  return readReport(readPackets(bytes), remarks);
}
