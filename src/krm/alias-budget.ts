import { lineAt, YamlLimitError, type YamlLimits } from './yaml-limits.js';

/** A node with an anchor, while its parts are counted. */
export interface OpenAnchor {
  name: string;
  /** How many nodes the file held before it. */
  start: number;
}

/** So many characters of a scalar weigh as much as a node. */
const CHARACTERS_PER_NODE = 64;

/**
 * Counts the nodes of a file as if every alias were written out, without writing any out. Its user calls `add` for each
 * node, `open` before and `close` behind a node with an anchor, and `alias` for each `*name`.
 */
export class AliasBudget {
  private nodes = 0;
  private expansion = 0;
  private readonly sizes = new Map<string, number>();

  constructor(
    private readonly text: string,
    private readonly limits: YamlLimits,
  ) {}

  /** `characters`: how long a scalar is. */
  add(characters: number): void {
    this.nodes += 1 + Math.floor(characters / CHARACTERS_PER_NODE);
  }

  open(name: string): OpenAnchor {
    // A node that holds itself has no end: an alias inside of it is refused.
    this.sizes.set(name, Infinity);
    return { name, start: this.nodes };
  }

  close(anchor: OpenAnchor): void {
    this.sizes.set(anchor.name, Math.max(1, this.nodes - anchor.start));
  }

  /** `offset`: where the alias stands. Throws YamlLimitError when the aliases so far stand for too much. */
  alias(name: string, offset: number): void {
    // An alias of an unknown name counts as one node; the parser refuses it.
    const size = this.sizes.get(name) ?? 1;
    this.nodes += size;
    this.expansion += size;
    if (this.expansion > this.limits.maxExpansion) {
      throw new YamlLimitError('aliasExpansion', this.limits, lineAt(this.text, offset));
    }
  }
}
