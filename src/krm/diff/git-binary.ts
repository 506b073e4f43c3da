import { deflateSync } from 'node:zlib';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';
/** Bytes on a line of a patch. */
const LINE = 52;

/** Both ways of a `GIT binary patch`: what `git apply` makes of the one content, and of the other when it goes back. */
export function binaryPatch(from: Uint8Array, to: Uint8Array): string {
  return `GIT binary patch\n${literal(to)}\n${literal(from)}\n`;
}

function literal(content: Uint8Array): string {
  const packed = deflateSync(content);
  let text = `literal ${content.byteLength}\n`;
  for (let at = 0; at < packed.length; at += LINE) {
    const line = packed.subarray(at, at + LINE);
    text += `${lengthLetter(line.length)}${base85(line)}\n`;
  }
  return text;
}

/** A to Z for up to 26 bytes, a to z for up to 52. */
const lengthLetter = (length: number): string => String.fromCharCode(length <= 26 ? 64 + length : 96 + length - 26);

/** Git's own base 85: five digits for four bytes, the last ones filled up with zeros. */
function base85(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    let number = 0;
    for (let next = at; next < at + 4; next += 1) number = number * 256 + (bytes[next] ?? 0);
    let digits = '';
    for (let count = 0; count < 5; count += 1) {
      digits = (DIGITS[number % 85] ?? '') + digits;
      number = Math.floor(number / 85);
    }
    text += digits;
  }
  return text;
}
