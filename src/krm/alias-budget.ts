import { lineAt, YamlLimitError, type YamlLimits } from './yaml-limits.js';

/** A node with an anchor, while its parts are counted. */
export interface OpenAnchor {
  name: string;
  /** How many nodes the file held before it. */
  start: number;
}

/**
 * Counts the nodes of a file as if every alias were written out, without writing any out. Its user calls `add` for each
 * node, `open` before and `close` behind a node with an anchor, and `alias` for each `*name`.
 */
export class AliasBudget {
  private nodes = 0;
  private aliases = 0;
  private expansion = 0;
  private readonly sizes = new Map<string, number>();

  constructor(
    private readonly text: string,
    private readonly limits: YamlLimits,
  ) {}

  add(): void {
    this.nodes += 1;
  }

  open(name: string): OpenAnchor {
    // A node that holds itself has no end: an alias inside of it is refused.
    this.sizes.set(name, Infinity);
    return { name, start: this.nodes };
  }

  close(anchor: OpenAnchor): void {
    this.sizes.set(anchor.name, Math.max(1, this.nodes - anchor.start));
  }

  /** `offset`: where the alias stands. Throws YamlLimitError when it is one too many, or stands for too much. */
  alias(name: string, offset: number): void {
    this.aliases += 1;
    if (this.aliases > this.limits.maxAliases) throw this.refusal('tooManyAliases', offset);
    // An alias of an unknown name counts as one node; the parser refuses it.
    const size = this.sizes.get(name) ?? 1;
    this.nodes += size;
    this.expansion += size;
    if (this.expansion > this.limits.maxExpansion) throw this.refusal('aliasExpansion', offset);
  }

  private refusal(code: 'tooManyAliases' | 'aliasExpansion', offset: number): YamlLimitError {
    return new YamlLimitError(code, this.limits, lineAt(this.text, offset));
  }
}
