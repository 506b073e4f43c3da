/** What a plain scalar stands for that is no string. Whole numbers are exact up to 64 bits, as Go has them. */
type Meaning = null | boolean | number | bigint;

/** A scalar that kubectl does not read as a string: what it stands for, and the text that it was written as. */
export class PlainScalar {
  constructor(
    readonly text: string,
    readonly value: Meaning,
  ) {}

  /** The value as JSON writes it. */
  get json(): string {
    return String(this.value);
  }
}

const word = (value: Meaning, texts: string): [string, PlainScalar][] =>
  texts.split(' ').map((text) => [text, new PlainScalar(text, value)]);
const WORDS = new Map([
  ...word(null, ' ~ null Null NULL'),
  ...word(true, 'y Y yes Yes YES true True TRUE on On ON'),
  ...word(false, 'n N no No NO false False FALSE off Off OFF'),
]);
const LONGEST_WORD = 5;

const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const LEAST_INT = -(2n ** 63n);
const MOST_UINT = 2n ** 64n;

/** Characters that a word of {@link plainWord} begins with; an empty text counts as one. */
export const WORD_STARTS: readonly string[] = ['', ...'~nNyYtTfFoO'];
/** Characters that a number of {@link plainNumber} begins with. */
export const NUMBER_STARTS: readonly string[] = [...'+-.0123456789'];

/**
 * A word that kubectl reads as null or as a boolean (`yes`, `off`, `~`); null: it is a string. The rules are those of
 * YAML 1.1 as go-yaml has them, by which all of Kubernetes reads.
 */
export function plainWord(text: string): PlainScalar | null {
  return text.length > LONGEST_WORD ? null : (WORDS.get(text) ?? null);
}

/** A number as kubectl reads it: `0644` is octal, `1_000` a thousand. Null: it is a string, as `1e400` and `12:30` are. */
export function plainNumber(text: string): PlainScalar | null {
  if (!NUMBER_STARTS.includes(text.charAt(0))) return null;
  // Go takes a number that begins with a point as it is, without underscores.
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '');
  const value = integer(plain) ?? float(plain);
  return value === null ? null : new PlainScalar(text, value);
}

function integer(text: string): number | bigint | null {
  const [, sign, hex, binary, octal, decimal] = INTEGER.exec(text) ?? [];
  const digits = hex ?? binary ?? octal ?? decimal;
  if (digits === undefined) return null;
  const base = hex ? 16 : binary ? 2 : octal ? 8 : 10;
  const small = Number.parseInt(digits, base);
  if (Number.isSafeInteger(small)) return sign === '-' && small !== 0 ? -small : small;
  const prefix = { 16: '0x', 8: '0o', 2: '0b', 10: '' }[base];
  // BigInt needs quadratic time; what does not fit 64 bits is no integer of Go's, however long it is.
  if (digits.replace(/^0+/, '').length > 64) return null;
  const exact = BigInt(prefix + digits) * (sign === '-' ? -1n : 1n);
  const most = sign === '' ? MOST_UINT : MOST_UINT / 2n;
  return exact >= LEAST_INT && exact < most ? exact : null;
}

function float(text: string): number | null {
  if (!FLOAT.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
