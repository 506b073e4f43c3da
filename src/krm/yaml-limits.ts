/** How much of a YAML file is read before it is refused. */
export interface YamlLimits {
  /** Size of one file in UTF-8 bytes. */
  maxBytes: number;
  /** Collections inside one another, block and flow alike. */
  maxDepth: number;
  /** `*alias` nodes in one file. */
  maxAliases: number;
  /** Nodes that all aliases of one file would add if they were written out. */
  maxExpansion: number;
}

export const DEFAULT_YAML_LIMITS: YamlLimits = {
  maxBytes: 4 * 1024 * 1024,
  maxDepth: 100,
  maxAliases: 100,
  maxExpansion: 100_000,
};
