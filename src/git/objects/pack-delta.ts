/** The longest piece that one instruction inserts. */
const MAX_INSERT = 127;
/** The longest piece that one instruction copies, in every version of the format. */
const MAX_COPY = 0xffff;

/** Git's delta that replaces the bytes from `start` to `end` of a base with others. */
export function encodeDelta(
  baseLength: number,
  { start, end, inserted }: { start: number; end: number; inserted: Buffer },
): Buffer {
  return Buffer.from([
    ...size(baseLength),
    ...size(baseLength - (end - start) + inserted.length),
    ...copies(0, start),
    ...inserts(inserted),
    ...copies(end, baseLength),
  ]);
}

/** Seven bits to a byte, the lowest first. */
function size(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

function copies(from: number, to: number): number[] {
  const bytes: number[] = [];
  for (let at = from; at < to; at += MAX_COPY) {
    const length = Math.min(MAX_COPY, to - at);
    let code = 0x80;
    const operands: number[] = [];
    // Bytes that are zero are left out; the code says which ones are there.
    for (let bit = 0; bit < 4; bit += 1) {
      const byte = Math.floor(at / 256 ** bit) & 0xff;
      if (byte === 0) continue;
      code |= 1 << bit;
      operands.push(byte);
    }
    for (let bit = 0; bit < 2; bit += 1) {
      const byte = (length >> (8 * bit)) & 0xff;
      if (byte === 0) continue;
      code |= 16 << bit;
      operands.push(byte);
    }
    bytes.push(code, ...operands);
  }
  return bytes;
}

function inserts(content: Buffer): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < content.length; at += MAX_INSERT) {
    const piece = content.subarray(at, at + MAX_INSERT);
    bytes.push(piece.length, ...piece);
  }
  return bytes;
}
