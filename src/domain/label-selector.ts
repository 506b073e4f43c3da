import { DomainError } from './errors.js';
import { isLabelValue, isQualifiedName } from './labels.js';

/** One condition of a selector. `notIn` is also met by labels without the key, as in Kubernetes. */
export interface Requirement {
  key: string;
  operator: 'in' | 'notIn' | 'exists' | 'doesNotExist';
  /** Without duplicates, in the order given; empty for `exists` and `doesNotExist`. */
  values: string[];
}

/**
 * Parses the selector syntax of Kubernetes: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, joined by
 * commas. The empty selector selects everything. Throws `invalidQuery`.
 */
export function parseLabelSelector(text: string): Requirement[] {
  const tokens = text.match(/==|!=|[=!(),]|[^\s=!(),]+/g) ?? [];
  if (tokens.length === 0) return [];
  const parser = new SelectorParser(text, tokens);
  const requirements = [parser.requirement()];
  while (!parser.atEnd) {
    parser.expect(',');
    requirements.push(parser.requirement());
  }
  return requirements;
}

/** Why a text is no selector, as a sentence; null: it is one. */
export function selectorFault(text: string): string | null {
  try {
    parseLabelSelector(text);
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error.message;
    throw error;
  }
}

class SelectorParser {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly tokens: readonly string[],
  ) {}

  get atEnd(): boolean {
    return this.at >= this.tokens.length;
  }

  requirement(): Requirement {
    if (this.accept('!')) return { key: this.key(), operator: 'doesNotExist', values: [] };
    const key = this.key();
    if (this.atEnd || this.tokens[this.at] === ',') return { key, operator: 'exists', values: [] };
    if (this.accept('=') || this.accept('==')) return { key, operator: 'in', values: [this.value()] };
    if (this.accept('!=')) return { key, operator: 'notIn', values: [this.value()] };
    if (this.accept('in')) return { key, operator: 'in', values: this.set() };
    if (this.accept('notin')) return { key, operator: 'notIn', values: this.set() };
    return this.fail(`"${this.tokens[this.at]}" is no operator`);
  }

  expect(token: string): void {
    if (!this.accept(token)) this.fail(`"${token}" is missing before ${this.describe()}`);
  }

  private key(): string {
    const key = this.tokens[this.at] ?? '';
    if (!isQualifiedName(key)) this.fail(`${this.describe()} is no label key`);
    this.at += 1;
    return key;
  }

  /** A label value; the empty one is written as nothing. */
  private value(): string {
    const token = this.tokens[this.at];
    if (token === undefined || token === ',' || token === ')') return '';
    if (!isLabelValue(token)) this.fail(`${this.describe()} is no label value`);
    this.at += 1;
    return token;
  }

  private set(): string[] {
    this.expect('(');
    const values = new Set([this.value()]);
    while (this.accept(',')) values.add(this.value());
    this.expect(')');
    return [...values];
  }

  private accept(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at += 1;
    return true;
  }

  private describe(): string {
    return this.atEnd ? 'the end' : `"${this.tokens[this.at]}"`;
  }

  private fail(reason: string): never {
    throw new DomainError('invalidQuery', `The label selector "${this.text}" is not valid: ${reason}.`, {
      errors: [{ pointer: 'labelSelector', code: 'invalidQuery', message: `${reason}.` }],
    });
  }
}
