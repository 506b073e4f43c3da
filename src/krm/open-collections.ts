import type { AliasBudget, OpenAnchor } from './alias-budget.js';

/** A collection that is open: a block mapping or sequence with its column, or a bracket. */
interface Level {
  kind: 'mapping' | 'sequence' | '[' | '{';
  column: number;
  anchor: OpenAnchor | null;
}

/** The collections around the place that is read, outermost first, and the anchor that waits for its node. */
export class OpenCollections {
  /** Brackets that are open; they are only ever above block collections. */
  flow = 0;
  private readonly levels: Level[] = [];
  private pending: OpenAnchor | null = null;

  constructor(private readonly aliases: AliasBudget) {}

  get depth(): number {
    return this.levels.length;
  }

  /** Column of the innermost collection; -1 at the root of a document. */
  get column(): number {
    return this.top?.column ?? -1;
  }

  openFlow(kind: '[' | '{', column: number): void {
    this.flow += 1;
    this.push(kind, column);
  }

  closeFlow(kind: '[' | '{'): void {
    this.endAnchor();
    // A bracket that closes another kind closes nothing: lenient parsers ignore it.
    if (this.top?.kind !== kind) return;
    this.pop();
    this.flow -= 1;
  }

  /** Enters the block collection at `column`, leaving the deeper ones. */
  openBlock(kind: 'mapping' | 'sequence', column: number): void {
    this.leaveDeeperThan(column);
    // A sequence may stand at the column of the mapping that holds it; the mapping's next key ends it.
    if (kind === 'mapping' && this.top?.kind === 'sequence' && this.column === column) this.pop();
    if (this.top?.kind !== kind || this.column !== column) this.push(kind, column);
  }

  leaveDeeperThan(column: number): void {
    while (this.column > column) this.pop();
  }

  leaveDocument(): void {
    while (this.levels.length > 0) this.pop();
    this.flow = 0;
    this.endAnchor();
  }

  startAnchor(name: string): void {
    this.endAnchor();
    this.pending = this.aliases.open(name);
  }

  /** The node of the pending anchor, if there is one, is over: it was a scalar. */
  endAnchor(): void {
    if (this.pending) this.aliases.close(this.pending);
    this.pending = null;
  }

  private push(kind: Level['kind'], column: number): void {
    this.aliases.add();
    this.levels.push({ kind, column, anchor: this.pending });
    this.pending = null;
  }

  private pop(): void {
    const level = this.levels.pop();
    if (level?.anchor) this.aliases.close(level.anchor);
  }

  private get top(): Level | undefined {
    return this.levels[this.levels.length - 1];
  }
}
