import { readAdvertisement } from './advertisement.js';
import { isOtherAnswer } from '../git-error.js';
import type { GitHttpRemote } from './http-client.js';
import { encodePacket, FLUSH, readPacketBatches, readPackets } from './pkt-line.js';
import { pushOneByOne } from '../one-by-one.js';
import { GitError, type RefChange } from '../port.js';
import { readReport, refusal } from './push-report.js';
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
  const push = new Push(remote, pack, signal);
  if (!(await pushKnown(push, changes))) await pushDiscovered(push, changes);
}

interface Offer {
  refs: ReadonlyMap<string, string>;
  capabilities: ReadonlySet<string>;
}

/** What the remote has and can do, as it says now. */
async function ask(remote: GitHttpRemote, signal: AbortSignal): Promise<Offer> {
  const advertised = remote.advertisement('git-receive-pack', signal);
  const { refs, capabilities: values } = await readAdvertisement(readPacketBatches(advertised));
  const capabilities = new Set(values.keys());
  if (!capabilities.has('report-status')) {
    throw new GitError('protocol', 'The remote would not say whether a push succeeded.');
  }
  remote.note('git-receive-pack', capabilities);
  return { refs, capabilities };
}

/**
 * In one request, to a remote that said a while ago what it can do: asked again, it would name all its refs first,
 * however many there are. False when it has to be asked, and nothing was pushed.
 */
async function pushKnown(push: Push, changes: readonly RefChange[]): Promise<boolean> {
  const capabilities = push.remote.recall('git-receive-pack');
  if (capabilities === undefined || (changes.length > 1 && !capabilities.has('atomic'))) return false;
  try {
    await push.send(changes, capabilities);
  } catch (error) {
    if (error instanceof GitError && error.code === 'rejected') {
      // Objects that it lacks, or words of its own, may come of a ref that has moved.
      checkExpected(changes, (await push.offer()).refs);
    } else if (isOtherAnswer(error)) {
      push.remote.forget('git-receive-pack');
      return false;
    }
    throw error;
  }
  return true;
}

async function pushDiscovered(push: Push, changes: readonly RefChange[]): Promise<void> {
  const { refs, capabilities } = await push.offer();
  checkExpected(changes, refs);
  if (capabilities.has('atomic')) await push.send(changes, capabilities);
  // Each carries the whole pack: a remote may forget objects that the ref of a push does not reach.
  else await pushOneByOne(changes, (change) => push.send([change], capabilities));
}

class Push {
  constructor(
    readonly remote: GitHttpRemote,
    private readonly pack: () => Promise<Buffer>,
    private readonly signal: AbortSignal,
  ) {}

  offer(): Promise<Offer> {
    return ask(this.remote, this.signal);
  }

  /** Throws what the remote has against it. */
  async send(changes: readonly RefChange[], capabilities: ReadonlySet<string>): Promise<void> {
    const sideBand = capabilities.has('side-band-64k');
    const wanted = ['report-status', 'agent=pkgserver'];
    if (sideBand) wanted.push('side-band-64k');
    if (capabilities.has('atomic') && changes.length > 1) wanted.push('atomic');
    const needsPack = changes.some((change) => change.next !== null);
    const request = Buffer.concat([commands(changes, wanted), ...(needsPack ? [await this.pack()] : [])]);
    const remarks = new Remarks();
    const answer = this.remote.call('git-receive-pack', request, this.signal);
    // In the side band the report is a stream of packets within the packets of band 1.
    const bytes = sideBand ? demultiplex(readPackets(answer), remarks) : answer;
    const error = refusal(changes, await readReport(readPackets(bytes), remarks));
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
