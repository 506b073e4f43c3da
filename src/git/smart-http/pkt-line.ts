import { GitError } from '../port.js';

/** Packets that carry no data. A third, `end`, closes a response of a stateless protocol-v2 connection. */
export const FLUSH = Buffer.from('0000');
export const DELIMITER = Buffer.from('0001');

export type Packet = { kind: 'data'; data: Buffer } | { kind: 'flush' | 'delimiter' | 'end' };

/** The length prefix is four hex digits and counts itself, so a packet carries at most 65516 bytes. */
const MAX_DATA = 65_516;

/** One pkt-line: four hex digits of length (which count themselves), then the data. */
export function encodePacket(data: string | Buffer): Buffer {
  const bytes = Buffer.from(data);
  if (bytes.length > MAX_DATA) throw new RangeError(`a packet holds at most ${MAX_DATA} bytes`);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}

/** Cuts a stream of bytes into packets, wherever its chunks happen to end. */
export async function* readPackets(source: AsyncIterable<Uint8Array>): AsyncGenerator<Packet> {
  for await (const packets of readPacketBatches(source)) yield* packets;
}

/** As {@link readPackets}, those of one chunk at a time: waiting for each of thousands costs more than reading it. */
export async function* readPacketBatches(source: AsyncIterable<Uint8Array>): AsyncGenerator<Packet[]> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk]);
    const packets: Packet[] = [];
    let offset = 0;
    while (pending.length - offset >= 4) {
      const length = packetLength(pending, offset);
      if (length < 4) {
        offset += 4;
        packets.push({ kind: length === 0 ? 'flush' : length === 1 ? 'delimiter' : 'end' });
        continue;
      }
      if (pending.length - offset < length) break;
      packets.push({ kind: 'data', data: pending.subarray(offset + 4, offset + length) });
      offset += length;
    }
    pending = pending.subarray(offset);
    yield packets;
  }
  if (pending.length > 0) throw new GitError('protocol', 'The remote ended its answer in the middle of a packet.');
}

/** The text of a packet without its final newline. A packet that says `ERR` is thrown. */
export function packetText(data: Buffer): string {
  const end = data[data.length - 1] === 0x0a ? data.length - 1 : data.length;
  const text = data.toString('utf8', 0, end);
  if (text.startsWith('ERR ')) throw remoteError(text.slice(4));
  return text;
}

/** What a remote says when it gives up, as an error: `not our ref` means that the refs moved since they were listed. */
export function remoteError(text: string): GitError {
  const code = text.includes('not our ref') ? 'staleRef' : 'protocol';
  return new GitError(code, `The remote says: ${printable(text)}`);
}

/** Text from the other side, made safe to show: no control characters but newlines, at most 1 KB. */
export function printable(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{C}\n]/gu, '')
    .trim()
    .slice(0, 1024);
}

function packetLength(bytes: Buffer, offset: number): number {
  let length = 0;
  for (let index = offset; index < offset + 4; index += 1) length = length * 16 + hexDigit(bytes[index]);
  if (Number.isNaN(length) || length === 3) {
    throw new GitError('protocol', 'The remote does not answer as a Git server would.');
  }
  return length;
}

function hexDigit(code = 0): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : NaN;
}
