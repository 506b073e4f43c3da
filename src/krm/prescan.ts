import { AliasBudget } from './alias-budget.js';
import { OpenCollections } from './open-collections.js';
import { CR, isFlowIndicator, isLineEnd, LF, SPACE, TAB, TextCursor } from './text-cursor.js';
import { DEFAULT_YAML_LIMITS, type YamlLimits } from './yaml-limits.js';

export type PrescanCode = 'tooLarge' | 'tooDeep' | 'tooManyAliases' | 'aliasExpansion';

/** Why a text must not reach a YAML parser. `line` counts from 1. */
export interface PrescanRefusal {
  code: PrescanCode;
  message: string;
  line: number;
}

/**
 * Bounds size, nesting and aliases of a YAML text in one pass, without recursion, before any parser sees it.
 * It knows just enough YAML (quotes, comments, plain and block scalars) not to count brackets that are text, and
 * accepts much that is no YAML: a parser refuses that later. Where YAML leaves doubt it counts the deeper reading.
 */
export function prescan(text: string, limits: YamlLimits = DEFAULT_YAML_LIMITS): PrescanRefusal | null {
  return prescanCounting(text, limits).refusal;
}

/** As {@link prescan}, with the number of characters looked at, which tests hold against the length of the text. */
export function prescanCounting(
  text: string,
  limits: YamlLimits = DEFAULT_YAML_LIMITS,
): { refusal: PrescanRefusal | null; steps: number } {
  if (Buffer.byteLength(text) > limits.maxBytes) {
    const message = `The file is larger than ${limits.maxBytes} bytes.`;
    return { refusal: { code: 'tooLarge', message, line: 1 }, steps: 0 };
  }
  const scan = new Scan(text, limits);
  scan.run();
  return { refusal: scan.refusal, steps: scan.steps };
}

class Scan extends TextCursor {
  refusal: PrescanRefusal | null = null;
  /** `- ` and `? ` in a row inside brackets: some parsers have left the brackets there. */
  private compactRun = 0;
  /** Column of the first token of the node that is read now, its tag and anchor included; -1 between nodes. */
  private nodeColumn = -1;
  /** Inside a plain scalar, which goes on over line breaks. */
  private inPlain = false;
  private readonly aliases: AliasBudget;
  private readonly open: OpenCollections;

  constructor(
    text: string,
    private readonly limits: YamlLimits,
  ) {
    super(text);
    this.aliases = new AliasBudget(limits);
    this.open = new OpenCollections(this.aliases);
  }

  run(): void {
    this.startLine();
    while (!this.atEnd && this.refusal === null) {
      const code = this.peek();
      if (code === LF || code === CR) {
        this.passBreak();
        if (this.open.flow === 0 || this.isDocumentMarker()) this.startLine();
      } else if (code === SPACE || code === TAB) this.step();
      else if (code === 0x23 /* # */ && this.isSpace(this.at - 1)) this.comment();
      else if (this.inPlain) this.plain();
      else this.token(code);
    }
  }

  private token(code: number): void {
    if (this.open.flow === 0 && this.nodeColumn < 0) this.nodeColumn = this.column;
    switch (code) {
      case 0x5b: // [
      case 0x7b: // {
        this.open.openFlow(code === 0x5b ? '[' : '{', this.column);
        this.compactRun = 0;
        this.checkDepth();
        return this.step();
      case 0x5d: // ]
      case 0x7d: // }
        if (this.open.flow === 0) return this.plain();
        this.open.closeFlow(code === 0x5d ? '[' : '{');
        this.compactRun = 0;
        return this.step();
      case 0x2c: // ,
        if (this.open.flow === 0) return this.plain();
        this.endNode();
        return this.step();
      case 0x22: // "
      case 0x27: // '
        return this.quoted(code);
      case 0x26: // &
        return this.open.startAnchor(this.word());
      case 0x21: // !
        this.word();
        return;
      case 0x2a: // *
        return this.aliasNode();
      case 0x2d: // -
      case 0x3f: // ?
      case 0x3a: // :
        return this.isIndicatorEnd(this.at + 1) ? this.indicator(code) : this.plain();
      case 0x7c: // |
      case 0x3e: // >
        return this.open.flow === 0 ? this.blockScalar() : this.plain();
      default:
        return this.plain();
    }
  }

  /** `- `, `? ` or `: ` where a node could begin, or the `: ` behind a key that was quoted, an alias or in brackets. */
  private indicator(code: number): void {
    if (this.open.flow > 0) {
      if (code === 0x3a) this.endNode();
      else {
        this.compactRun += 1;
        this.checkDepth();
      }
    } else {
      this.open.openBlock(code === 0x2d ? 'sequence' : 'mapping', this.nodeColumn);
      this.checkDepth();
      this.endNode();
    }
    this.step();
  }

  private plain(): void {
    if (!this.inPlain) this.scalar();
    this.inPlain = true;
    for (let end = this.at; ; end += 1) {
      const code = this.text.charCodeAt(end);
      const isKey = code === 0x3a && this.isIndicatorEnd(end + 1);
      const isOver = isKey || (isFlowIndicator(code) && this.open.flow > 0);
      if (!isOver && !isLineEnd(code) && !(code === 0x23 && this.isSpace(end - 1))) continue;
      this.step(end - this.at);
      this.inPlain = !isOver;
      return isKey ? this.indicator(code) : undefined;
    }
  }

  private quoted(quote: number): void {
    this.scalar();
    this.step();
    while (!this.atEnd) {
      let end = this.at;
      while (!isQuotedStop(this.text.charCodeAt(end), quote)) end += 1;
      this.step(end - this.at);
      const code = this.peek();
      if (this.atEnd) return;
      if (isLineEnd(code)) {
        this.passBreak();
        if (this.isDocumentMarker()) return this.startLine();
        continue;
      }
      this.step();
      // Behind a backslash whatever comes, behind a quote one more.
      if (code !== quote ? !this.atLineEnd : quote === 0x27 && this.peek() === quote) this.step();
      else if (code === quote) return;
    }
  }

  private aliasNode(): void {
    const code = this.aliases.alias(this.word());
    if (code === 'tooManyAliases') this.refuse(code, `The file has more than ${this.limits.maxAliases} aliases`);
    if (code === 'aliasExpansion') this.refuse(code, 'The aliases stand for too much content');
  }

  /** Skips the header and then every line that is blank or indented as the first line of the text is. */
  private blockScalar(): void {
    this.scalar();
    const parent = this.open.column;
    let indent = -1;
    while (!this.atLineEnd) {
      const code = this.peek();
      if (code >= 0x31 && code <= 0x39 && indent < 0) indent = Math.max(parent, 0) + code - 0x30;
      if (code === 0x23) this.skipToLineEnd();
      else this.step();
    }
    while (!this.atEnd) {
      this.passBreak();
      if (this.isDocumentMarker()) break;
      let end = this.at;
      while (this.text.charCodeAt(end) === SPACE) end += 1;
      const first = this.text.charCodeAt(end);
      const blank = first === LF || first === CR || Number.isNaN(first);
      const column = end - this.at;
      if (!blank && indent < 0) indent = Math.max(column, parent + 1);
      if (!blank && column < indent) break;
      this.skipToLineEnd();
    }
    this.startLine();
  }

  /** At the first character of a line outside quotes and block scalars. */
  private startLine(): void {
    if (this.isDocumentMarker()) {
      this.open.leaveDocument();
      this.inPlain = false;
      this.endNode();
      this.step(3);
      return;
    }
    while (this.peek() === SPACE) this.step();
    if (this.atLineEnd) return;
    const isComment = this.peek() === 0x23;
    if (this.inPlain && this.column > this.open.column && !isComment) {
      // The text goes on; should a key turn up in it after all, it is counted at this column.
      this.nodeColumn = this.column;
      return;
    }
    this.inPlain = false;
    this.nodeColumn = -1;
    if (!isComment) this.open.leaveDeeperThan(this.column);
  }

  private endNode(): void {
    this.open.endAnchor();
    this.nodeColumn = -1;
    this.compactRun = 0;
  }

  private scalar(): void {
    this.aliases.add();
    this.compactRun = 0;
  }

  private comment(): void {
    this.inPlain = false;
    this.skipToLineEnd();
  }

  private checkDepth(): void {
    if (this.open.depth + this.compactRun <= this.limits.maxDepth) return;
    this.refuse('tooDeep', `The file is nested deeper than ${this.limits.maxDepth} levels`);
  }

  private refuse(code: PrescanCode, reason: string): void {
    this.refusal ??= { code, message: `${reason} (line ${this.line}).`, line: this.line };
  }

  private isIndicatorEnd(at: number): boolean {
    return this.isSpace(at) || (this.open.flow > 0 && isFlowIndicator(this.text.charCodeAt(at)));
  }
}

/** The quote itself, a line end, and in double quotes the backslash. */
const isQuotedStop = (code: number, quote: number): boolean =>
  code === quote || (code === 0x5c && quote === 0x22) || isLineEnd(code);
