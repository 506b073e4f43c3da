import type { YamlLimits } from './yaml-limits.js';

/** The start of an anchored node: its name and how many nodes the file held before it. */
export interface OpenAnchor {
  name: string;
  start: number;
}

/**
 * Counts the nodes of a file as if every alias were written out, without writing any out.
 * `add` per node, `open`/`close` around each anchored node, `alias` per `*name`.
 */
export class AliasBudget {
  private nodes = 0;
  private aliases = 0;
  private expansion = 0;
  private readonly sizes = new Map<string, number>();

  constructor(private readonly limits: YamlLimits) {}

  add(): void {
    this.nodes += 1;
  }

  open(name: string): OpenAnchor {
    // A node that holds itself has no end; an alias to it inside is refused.
    this.sizes.set(name, Infinity);
    return { name, start: this.nodes };
  }

  close(anchor: OpenAnchor): void {
    this.sizes.set(anchor.name, Math.max(1, this.nodes - anchor.start));
  }

  /** Returns why the alias is one too many, or null. An unknown name is left to the parser to refuse. */
  alias(name: string): 'tooManyAliases' | 'aliasExpansion' | null {
    this.aliases += 1;
    if (this.aliases > this.limits.maxAliases) return 'tooManyAliases';
    const size = this.sizes.get(name) ?? 1;
    this.nodes += size;
    this.expansion += size;
    return this.expansion > this.limits.maxExpansion ? 'aliasExpansion' : null;
  }
}
