import { type Advertisement, headOf, readAdvertisement, readRefList, type RefList } from './advertisement.js';
import { isOtherAnswer } from '../git-error.js';
import type { GitHttpRemote } from './http-client.js';
import { DELIMITER, encodePacket, FLUSH, type Packet, packetText, readPacketBatches, readPackets } from './pkt-line.js';
import type { RemoteRefs } from '../port.js';
import { demultiplex, Remarks } from './side-band.js';

/** More haves than this make requests longer and answers hardly shorter. */
const MAX_HAVES = 256;

/** Branches and tags of the remote: by protocol 2, where the remote can leave out all other refs, else by 0 or 1. */
export async function listRemoteRefs(remote: GitHttpRemote, signal: AbortSignal): Promise<RemoteRefs> {
  const list = (await listKnown(remote, signal)) ?? (await listDiscovered(remote, signal));
  for (const ref of list.refs.keys()) if (!/^refs\/(?:heads|tags)\//.test(ref)) list.refs.delete(ref);
  return list;
}

/** In one request, from a remote that spoke protocol 2 a while ago; null when its answer is something else by now. */
async function listKnown(remote: GitHttpRemote, signal: AbortSignal): Promise<RefList | null> {
  if (!remote.recall('git-upload-pack')) return null;
  try {
    return await lsRefs(remote, signal);
  } catch (error) {
    remote.forget('git-upload-pack');
    if (isOtherAnswer(error)) return null;
    throw error;
  }
}

async function listDiscovered(remote: GitHttpRemote, signal: AbortSignal): Promise<RefList> {
  const offer = await discover(remote, signal);
  if (offer.version !== 2) {
    const head = headOf(offer);
    return { refs: offer.refs, ...(head !== undefined && { head }) };
  }
  const list = await lsRefs(remote, signal);
  remote.note('git-upload-pack', new Set(offer.capabilities.keys()));
  return list;
}

/** The pack with what `wants` reach and `haves` do not, as bytes. */
export async function* fetchPack(
  remote: GitHttpRemote,
  wants: readonly string[],
  haves: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  // Only GET may be redirected.
  await locate(remote, signal);
  const capabilities = ' ofs-delta side-band-64k no-progress agent=pkgserver';
  const request = Buffer.concat([
    ...wants.map((oid, index) => encodePacket(`want ${oid}${index === 0 ? capabilities : ''}\n`)),
    FLUSH,
    ...haves.slice(0, MAX_HAVES).map((oid) => encodePacket(`have ${oid}\n`)),
    encodePacket('done\n'),
  ]);
  const packets = readPackets(remote.call('git-upload-pack', request, signal));
  yield* demultiplex(withoutAcknowledgements(packets), new Remarks());
}

/** Finds out where the remote is, for a handle that has not met it yet. */
export async function locate(remote: GitHttpRemote, signal: AbortSignal): Promise<URL> {
  if (!remote.discovered) await discover(remote, signal);
  return remote.location;
}

function discover(remote: GitHttpRemote, signal: AbortSignal): Promise<Advertisement> {
  return readAdvertisement(readPacketBatches(remote.advertisement('git-upload-pack', signal, 'version=2')));
}

function lsRefs(remote: GitHttpRemote, signal: AbortSignal): Promise<RefList> {
  const request = Buffer.concat([
    encodePacket('command=ls-refs\n'),
    encodePacket('agent=pkgserver\n'),
    DELIMITER,
    encodePacket('symrefs\n'),
    encodePacket('ref-prefix HEAD\n'),
    encodePacket('ref-prefix refs/heads/\n'),
    encodePacket('ref-prefix refs/tags/\n'),
    FLUSH,
  ]);
  return readRefList(readPacketBatches(remote.call('git-upload-pack', request, signal, 'version=2')));
}

/** Before the bands begin come lines of plain text: which haves the remote knows, or why it gives up. */
async function* withoutAcknowledgements(packets: AsyncIterable<Packet>): AsyncGenerator<Packet> {
  let negotiating = true;
  for await (const packet of packets) {
    // A band number is below any letter.
    if (negotiating && packet.kind === 'data' && (packet.data[0] ?? 0) > 3) {
      packetText(packet.data);
      continue;
    }
    negotiating &&= packet.kind !== 'data';
    yield packet;
  }
}
