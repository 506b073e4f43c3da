/** A place in a text, told by line and column; the base of the pre-scan. */
export class TextCursor {
  /** Characters passed so far, for tests that hold the work against the length of the text. */
  steps = 0;
  protected at = 0;
  protected line = 1;
  protected lineStart = 0;

  constructor(protected readonly text: string) {}

  protected get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** At a line break or behind the text. */
  protected get atLineEnd(): boolean {
    return isLineEnd(this.peek());
  }

  protected get column(): number {
    return this.at - this.lineStart;
  }

  /** The code unit here; NaN behind the text. */
  protected peek(): number {
    return this.text.charCodeAt(this.at);
  }

  protected step(count = 1): void {
    this.at += count;
    this.steps += count;
  }

  /** Passes one line break. */
  protected passBreak(): void {
    const code = this.peek();
    this.step();
    if (code === CR && this.peek() === LF) this.step();
    this.line += 1;
    this.lineStart = this.at;
  }

  protected skipToLineEnd(): void {
    let end = this.at;
    while (!isLineEnd(this.text.charCodeAt(end))) end += 1;
    this.step(end - this.at);
  }

  /** White space, a line break, or the world outside the text. */
  protected isSpace(at: number): boolean {
    const code = this.text.charCodeAt(at);
    return code === SPACE || code === LF || code === TAB || code === CR || Number.isNaN(code);
  }

  /** At `---` or `...` in the first column. */
  protected isDocumentMarker(): boolean {
    if (this.at !== this.lineStart) return false;
    const marker = this.text.startsWith('---', this.at) || this.text.startsWith('...', this.at);
    return marker && this.isSpace(this.at + 3);
  }

  /** The name behind `&`, `*` or `!`, where the cursor stands. */
  protected word(): string {
    this.step();
    const start = this.at;
    while (!this.isSpace(this.at) && !isFlowIndicator(this.peek())) this.step();
    return this.text.slice(start, this.at);
  }
}

export const TAB = 9;
export const LF = 10;
export const CR = 13;
export const SPACE = 32;

/** A line break; NaN is the end of the text. */
export function isLineEnd(code: number): boolean {
  return code === LF || code === CR || Number.isNaN(code);
}

/** One of `,` `[` `]` `{` `}`. */
export function isFlowIndicator(code: number): boolean {
  return code === 0x2c || code === 0x5b || code === 0x5d || code === 0x7b || code === 0x7d;
}
