import type { DomainError } from '../domain/errors.js';
import { parseRevisionPlace } from '../domain/identity.js';
import { isStorable } from '../domain/storable-text.js';
import { factsOfField, type FieldName, isFieldName } from './fields.js';
import {
  type Field,
  invalidSearch,
  type Literal,
  MOST_CHARACTERS,
  MOST_DEPTH,
  MOST_TERMS,
  MOST_VALUES,
  type Operator,
  type Query,
} from './query.js';
import { Scanner } from './scanner.js';
import { readTime } from './time-value.js';

const WORDS: ReadonlySet<string> = new Set(['AND', 'OR', 'NOT', 'IN']);

/**
 * Reads a query: `field operator value`, `IN (…)`, `AND`, `OR`, `NOT` and parentheses, a subset of Google's AIP-160. There
 * `OR` binds closer than `AND`, and elsewhere it is the other way round: so the two do not stand beside each other without
 * parentheses. Null: the text is empty, and asks for everything. Throws `invalidSearch` with a position.
 */
export function parseQuery(text: string): Query | null {
  if (text.length > MOST_CHARACTERS) {
    throw invalidSearch('tooLong', MOST_CHARACTERS, `A query has at most ${MOST_CHARACTERS} characters`);
  }
  if (!isStorable(text)) throw invalidSearch('badValue', 0, 'The text is not valid Unicode without NUL');
  return new QueryParser(new Scanner(text)).whole();
}

class QueryParser {
  private terms = 0;

  constructor(private readonly scanner: Scanner) {}

  whole(): Query | null {
    if (this.scanner.isAtEnd) return null;
    const query = this.list(0);
    if (this.scanner.isAtEnd) return query;
    const { position } = this.scanner;
    if (this.scanner.take(')')) throw invalidSearch('unbalanced', position, 'There is no parenthesis to close');
    throw this.unexpected('AND, OR or the end is expected', 'AND', 'OR');
  }

  private list(depth: number): Query {
    const first = this.factor(depth);
    const word = this.conjunction();
    if (word === null) return first;
    const parts = [first];
    for (;;) {
      parts.push(this.factor(depth));
      const { position } = this.scanner;
      const next = this.conjunction();
      if (next === null) return word === 'AND' ? { and: parts } : { or: parts };
      if (next !== word) throw invalidSearch('ambiguous', position, 'AND and OR together need parentheses');
    }
  }

  private conjunction(): 'AND' | 'OR' | null {
    return this.scanner.takeWord('AND') ? 'AND' : this.scanner.takeWord('OR') ? 'OR' : null;
  }

  private factor(depth: number): Query {
    const { scanner } = this;
    const { position } = scanner;
    if (depth > MOST_DEPTH) throw invalidSearch('tooDeep', position, `At most ${MOST_DEPTH} levels are possible`);
    if (scanner.takeWord('NOT')) return { not: this.factor(depth + 1) };
    if (!scanner.take('(')) return this.term();
    const inner = this.list(depth + 1);
    if (scanner.take(')')) return inner;
    throw this.unclosed(position) ?? this.unexpected('AND, OR or `)` is expected', 'AND', 'OR');
  }

  /** Null: there is more, so something else is wrong. */
  private unclosed(position: number): DomainError | null {
    return this.scanner.isAtEnd ? invalidSearch('unbalanced', position, 'The parenthesis is not closed') : null;
  }

  /** The refusal of what comes next; `words` could stand here. */
  private unexpected(expected: string, ...words: string[]): DomainError {
    const { position } = this.scanner;
    const word = this.scanner.nextWord()?.toUpperCase() ?? '';
    return invalidSearch('unexpected', position, words.includes(word) ? `${word} is written in capitals` : expected);
  }

  private term(): Query {
    const { position } = this.scanner;
    this.terms += 1;
    if (this.terms > MOST_TERMS) throw invalidSearch('tooMany', position, `At most ${MOST_TERMS} terms are possible`);
    const field = this.field(position);
    const place = this.scanner.position;
    if (this.scanner.takeWord('IN')) return { field, operator: '=', values: this.values(field) };
    const sign = this.scanner.operator();
    if (sign === undefined) throw this.unexpected('An operator is expected: = != < <= > >= : or IN', 'IN');
    if (sign === ':' && this.scanner.take('*')) return { field, operator: 'present', values: [] };
    const operator = (sign === '!=' ? '=' : sign) as Operator;
    assertTakes(field, operator, place);
    const term: Query = { field, operator, values: [this.value(field, operator)] };
    return sign === '!=' ? { not: term } : term;
  }

  private values(field: Field): Literal[] {
    const { position } = this.scanner;
    assertTakes(field, '=', position);
    if (!this.scanner.take('(')) throw invalidSearch('unexpected', position, 'The values of IN stand in parentheses');
    const values = [this.value(field, '=')];
    while (this.scanner.take(',')) values.push(this.value(field, '='));
    if (!this.scanner.take(')')) throw this.unclosed(position) ?? this.unexpected('A comma or `)` is expected');
    if (values.length > MOST_VALUES) throw invalidSearch('tooMany', position, `IN takes at most ${MOST_VALUES} values`);
    return values;
  }

  private value(field: Field, operator: Operator): Literal {
    const { position } = this.scanner;
    const value = this.scanner.value();
    if (value === undefined) throw invalidSearch('unexpected', position, 'A value is expected');
    assertFits(value, field, operator, position);
    return value;
  }

  /** A dot in front makes any name a path into the object. */
  private field(position: number): Field {
    const isPath = this.scanner.dot();
    const keys: string[] = [];
    do {
      const begin = this.scanner.end;
      const step = this.scanner.step();
      if (step === undefined || (keys.length === 0 && !isPath && WORDS.has(step))) {
        throw invalidSearch('unexpected', begin, 'The name of a field is expected');
      }
      if (keys.length === 0 && !isPath && this.scanner.text[begin] === '-') {
        throw invalidSearch('unknownField', position, `There is no field "${step}": for the opposite write NOT`);
      }
      keys.push(step);
    } while (this.scanner.dot());
    if (keys.length > MOST_DEPTH) throw invalidSearch('tooDeep', position, `A path has at most ${MOST_DEPTH} steps`);
    return isPath ? { keys } : named(keys, position);
  }
}

function named(keys: string[], position: number): Field {
  const [first = '', ...rest] = keys;
  const isKeyed = isFieldName(first) && factsOfField(first).type === 'keyed';
  if (rest.length > 0) return isKeyed ? { name: first, key: rest.join('.') } : { keys };
  if (isKeyed) throw invalidSearch('unknownField', position, `Which one? Write \`${first}.KEY\``);
  if (isFieldName(first)) return { name: first };
  if (first.toUpperCase() === 'NOT') throw invalidSearch('unknownField', position, 'NOT is written in capitals');
  throw invalidSearch(
    'unknownField',
    position,
    `There is no field "${first}": write the whole path into the object, such as \`spec.${first}\`, or \`.${first}\` at its top`,
  );
}

function assertTakes(field: Field, operator: Operator, position: number): void {
  if ('keys' in field) return;
  const { type, values } = factsOfField(field.name);
  const isRange = operator !== '=' && operator !== ':';
  const fits = type === 'time' ? operator !== ':' : type === 'flag' || type === 'place' ? operator === '=' : !isRange;
  if (fits && !(values && operator !== '=')) return;
  throw invalidSearch('badType', position, `\`${field.name}\` does not take \`${operator}\``);
}

function assertFits(value: Literal, field: Field, operator: Operator, position: number): void {
  if ('keys' in field) {
    const isOrdered = value.json === null || /^[-\d]/.test(value.json);
    if (isOrdered || operator === '=' || operator === ':') return;
    throw invalidSearch('badType', position, `\`${operator}\` compares numbers or texts`);
  }
  const expected = expectedOf(field.name, value);
  if (expected !== null) throw invalidSearch('badValue', position, `\`${field.name}\` is ${expected}`);
}

/** What the values of a field are, where this is none; null: it is one. */
function expectedOf(name: FieldName, { text, json }: Literal): string | null {
  const { type, values } = factsOfField(name);
  if (values) return values.includes(text) ? null : `one of ${values.join(', ')}`;
  if (type === 'flag') return json === 'true' || json === 'false' ? null : 'true or false';
  if (type === 'time') return readTime(text) ? null : 'a time, such as 2026-03-14 or 2026-03-14T09:26:53Z';
  if (type === 'place') return parseRevisionPlace(text) ? null : 'a published revision: REPOSITORY/PATH@REVISION';
  return null;
}
