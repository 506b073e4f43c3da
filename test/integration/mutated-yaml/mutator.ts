import type { Random } from '../../support/random.js';
import { CORPUS } from './corpus.js';

/** What a mutation puts in somewhere. */
const PIECES = [
  ...[
    '&a ',
    '*a',
    '*a0 ',
    '<<: *a\n',
    '!x ',
    '!!int ',
    '!!binary ',
    '!<tag:x> ',
    '? ',
    ': ',
    '- ',
    '---\n',
    '...\n',
    '%TAG ! x\n',
  ],
  ...[
    '[',
    ']',
    '{',
    '}',
    ',',
    '"',
    "'",
    '|',
    '>2-\n',
    '#',
    '\t',
    '\r',
    '\r\n',
    '\0',
    '\ufeff',
    '\u2028',
    '\u0085',
    '\\',
    '\\x00',
  ],
  ...['\ud83d\ude00', 'é', '%', '@', '`', '=', 'null', 'yes', '0x1F', '1e999', '.inf', '9'.repeat(40), '2001-01-01'],
];
/** Bytes that are no UTF-8 by themselves. */
const BYTES = [0x00, 0x80, 0xbf, 0xc0, 0xc3, 0xe2, 0xed, 0xf4, 0xff, 0x0a, 0x0d, 0x20, 0x22];
const MOST_MUTATIONS = 6;
const LARGEST = 64 * 1024;

/** Files that somebody or something has spoilt. */
export class Mutator {
  constructor(private readonly random: Random) {}

  file(): Buffer {
    const { random } = this;
    let text = random.pick(CORPUS) ?? '';
    const mutations = [this.lines, this.piece, this.indent, this.nest, this.stretch, this.join, this.lineBreaks];
    for (let count = random.between(1, MOST_MUTATIONS); count > 0; count -= 1)
      text = (random.pick(mutations) ?? this.lines).call(this, text).slice(0, LARGEST);
    const bytes = Buffer.from(text);
    for (let count = random.chance(0.4) ? random.between(1, 4) : 0; count > 0 && bytes.length > 0; count -= 1) {
      const at = random.between(0, bytes.length - 1);
      bytes[at] = random.chance(0.5) ? (random.pick(BYTES) ?? 0) : (bytes[at] ?? 0) ^ (1 << random.between(0, 7));
    }
    return random.chance(0.1) ? bytes.subarray(0, random.between(0, bytes.length)) : bytes;
  }

  /** Lines cut, doubled or swapped. */
  private lines(text: string): string {
    const lines = text.split('\n');
    const [from, to] = [this.random.between(0, lines.length - 1), this.random.between(0, lines.length - 1)];
    const taken = lines.splice(from, this.random.between(0, 3));
    if (this.random.chance(0.7)) lines.splice(to, 0, ...taken, ...(this.random.chance(0.5) ? taken : []));
    return lines.join('\n');
  }

  private piece(text: string): string {
    const at = this.random.between(0, text.length);
    return text.slice(0, at) + (this.random.pick(PIECES) ?? '') + text.slice(at + (this.random.chance(0.3) ? 1 : 0));
  }

  private indent(text: string): string {
    const lines = text.split('\n');
    const from = this.random.between(0, lines.length - 1);
    const by = this.random.between(-3, 3);
    const move = (line: string) => (by < 0 ? line.slice(-by) : ' '.repeat(by) + line);
    const until = from + this.random.between(1, 5);
    return lines.map((line, index) => (index >= from && index < until ? move(line) : line)).join('\n');
  }

  private nest(text: string): string {
    const open = this.random.pick(['[', '{', '- ', '? ', '{a: ', ': ', '[\n', '"', '!x &b [', '(']) ?? '';
    const at = this.random.between(0, text.length);
    return text.slice(0, at) + open.repeat(this.random.pick([3, 30, 99, 101, 5_000]) ?? 3) + text.slice(at);
  }

  /** One part of it many times. */
  private stretch(text: string): string {
    const at = this.random.between(0, text.length);
    const part = text.slice(at, at + this.random.between(1, 40));
    return text.slice(0, at) + part.repeat(this.random.pick([2, 20, 400]) ?? 2) + text.slice(at);
  }

  private join(text: string): string {
    const other = this.random.pick(CORPUS) ?? '';
    const at = this.random.between(0, text.length);
    return text.slice(0, at) + other.slice(this.random.between(0, other.length)) + text.slice(at);
  }

  private lineBreaks(text: string): string {
    return text.replaceAll(/\r?\n/g, this.random.pick(['\r\n', '\r', '\n\n', '\u2028']) ?? '\n');
  }
}
