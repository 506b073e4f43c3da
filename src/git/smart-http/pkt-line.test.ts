import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePacket, FLUSH, type Packet, packetText, printable, readPackets } from './pkt-line.js';

async function* inChunks(bytes: Buffer, sizes: number[]): AsyncGenerator<Buffer> {
  let offset = 0;
  for (let index = 0; offset < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    yield bytes.subarray(offset, offset + size);
    offset += size;
  }
}

async function packetsOf(bytes: Buffer | string, sizes = [7]): Promise<Packet[]> {
  const packets: Packet[] = [];
  for await (const packet of readPackets(inChunks(Buffer.from(bytes), sizes))) packets.push(packet);
  return packets;
}

describe('pkt-line', () => {
  it('counts its own four digits in the length', () => {
    expect(encodePacket('a\n').toString()).toBe('0006a\n');
    expect(() => encodePacket(Buffer.alloc(65_517))).toThrow(RangeError);
  });

  it('reads what was written, however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 })),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        async (payloads, sizes) => {
          const bytes = Buffer.concat([...payloads.map((payload) => encodePacket(Buffer.from(payload))), FLUSH]);
          const packets = await packetsOf(bytes, sizes);
          const data = packets.flatMap((packet) => (packet.kind === 'data' ? [[...packet.data]] : []));
          expect(data).toEqual(payloads.map((payload) => [...payload]));
          expect(packets.at(-1)).toEqual({ kind: 'flush' });
        },
      ),
    );
  });

  it('knows the three packets without data', async () => {
    expect(await packetsOf('000000010002')).toEqual([{ kind: 'flush' }, { kind: 'delimiter' }, { kind: 'end' }]);
  });

  it.each([
    ['<!doctype html>', 'does not answer as a Git server would'],
    ['0003', 'does not answer as a Git server would'],
    ['0009ab', 'in the middle of a packet'],
    ['00', 'in the middle of a packet'],
  ])('refuses %j', async (text, message) => {
    await expect(packetsOf(text)).rejects.toMatchObject({
      code: 'protocol',
      message: expect.stringContaining(message),
    });
  });

  it('throws what comes as ERR', () => {
    expect(packetText(Buffer.from('hello\n'))).toBe('hello');
    expect(() => packetText(Buffer.from('ERR no way\n'))).toThrow(expect.objectContaining({ code: 'protocol' }));
    expect(() => packetText(Buffer.from('ERR upload-pack: not our ref 00\n'))).toThrow(
      expect.objectContaining({ code: 'staleRef' }),
    );
  });

  it('makes foreign text printable', () => {
    expect(printable('\x1b[31mred\x1b[0m\r\n\tnext\0 ')).toBe('[31mred[0m\nnext');
    expect(printable('x'.repeat(5000))).toHaveLength(1024);
  });
});
