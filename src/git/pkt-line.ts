import { GitError } from './port.js';

/** The three packets that carry no data. `end` closes a response of a stateless protocol-v2 connection. */
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
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk]);
    let offset = 0;
    while (pending.length - offset >= 4) {
      const length = packetLength(pending, offset);
      if (length < 4) {
        offset += 4;
        yield { kind: length === 0 ? 'flush' : length === 1 ? 'delimiter' : 'end' };
        continue;
      }
      if (pending.length - offset < length) break;
      yield { kind: 'data', data: pending.subarray(offset + 4, offset + length) };
      offset += length;
    }
    pending = pending.subarray(offset);
  }
  if (pending.length > 0) throw new GitError('protocol', 'The remote ended its answer in the middle of a packet.');
}

/** The text of a packet without its final newline. A packet that says `ERR` is thrown. */
export function packetText(data: Buffer): string {
  const text = data.toString('utf8').replace(/\n$/, '');
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
  const digits = bytes.toString('latin1', offset, offset + 4);
  const length = /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : 3;
  if (length === 3) throw new GitError('protocol', 'The remote does not answer as a Git server would.');
  return length;
}
