import { isStorable } from '../domain/storable-text.js';
import { plainNumber, plainWord } from '../krm/plain-scalar.js';
import { invalidSearch, type Literal } from './query.js';

const SPACE = /\s*/y;
const WORD = /[^\s()"',.=!<>:*[\]{}]+/y;
const OPERATOR = /!=|<=|>=|=|<|>|:/y;
const SIGN = /[!=<>:]/y;
/** A value without quotes. What a path would need quotes for may stand in it. */
const BARE = /[^\s()"',]+/y;
const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', '\\': '\\', '"': '"', "'": "'", '/': '/' };

/** Reads the parts of a query from left to right. */
export class Scanner {
  private at = 0;

  constructor(readonly text: string) {}

  /** Where the next part begins. */
  get position(): number {
    this.match(SPACE);
    return this.at;
  }

  /** Right behind what was read last. */
  get end(): number {
    return this.at;
  }

  get isAtEnd(): boolean {
    return this.position === this.text.length;
  }

  /** Takes this sign if it comes next. */
  take(sign: string): boolean {
    if (!this.text.startsWith(sign, this.position)) return false;
    this.at += sign.length;
    return true;
  }

  /** Takes this word if it comes next, as a whole. */
  takeWord(word: string): boolean {
    const begin = this.position;
    if (this.match(WORD) === word) return true;
    this.at = begin;
    return false;
  }

  /** The word that comes next; it is not taken. */
  nextWord(): string | undefined {
    const begin = this.position;
    const word = this.match(WORD);
    this.at = begin;
    return word;
  }

  operator(): string | undefined {
    void this.position;
    const operator = this.match(OPERATOR);
    const begin = this.at;
    const more = operator === undefined ? undefined : this.match(SIGN);
    if (more === undefined) return operator;
    throw invalidSearch(
      'unexpected',
      begin,
      `There is no operator \`${operator}${more}\`; quote a value that begins so`,
    );
  }

  /** A step of a path, right here; undefined where there is none. */
  step(): string | undefined {
    return this.quoted() ?? this.match(WORD);
  }

  /** Takes the dot between two steps. No space stands around it. */
  dot(): boolean {
    if (this.text[this.at] !== '.') return false;
    this.at += 1;
    return true;
  }

  value(): Literal | undefined {
    const begin = this.position;
    const quoted = this.quoted();
    if (quoted !== undefined) return { text: quoted, json: null };
    const text = this.match(BARE);
    if (text === undefined) return undefined;
    if (text.includes('*')) {
      throw invalidSearch(
        'badValue',
        begin,
        'There are no wildcards: ask with `:` for a part of a text, or quote the `*`',
      );
    }
    return { text, json: (plainWord(text) ?? plainNumber(text))?.json ?? null };
  }

  private quoted(): string | undefined {
    const begin = this.at;
    const quote = this.text[begin];
    if (quote !== '"' && quote !== "'") return undefined;
    let value = '';
    for (this.at += 1; this.at < this.text.length; this.at += 1) {
      const character = this.text.charAt(this.at);
      if (character === quote) {
        this.at += 1;
        if (!isStorable(value)) throw invalidSearch('badValue', begin, 'The text is not valid Unicode without NUL');
        return value;
      }
      value += character === '\\' ? this.escaped() : character;
    }
    throw invalidSearch('unbalanced', begin, 'The quotes are not closed');
  }

  private escaped(): string {
    const begin = this.at;
    this.at += 1;
    const letter = this.text.charAt(this.at);
    const known = ESCAPES[letter];
    if (known !== undefined) return known;
    const [, digits] = /^u([0-9a-fA-F]{4})/.exec(this.text.slice(this.at, this.at + 5)) ?? [];
    if (digits === undefined)
      throw invalidSearch('badValue', begin, 'There is no such escape; a backslash is written twice');
    this.at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text) ?? [];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}
