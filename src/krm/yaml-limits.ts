/** How much of a YAML file is read before it is refused. */
export interface YamlLimits {
  /** Size of one file in UTF-8 bytes. */
  maxBytes: number;
  /** Collections inside one another, block and flow alike. */
  maxDepth: number;
  /** Nodes that all aliases of one file would add if they were written out, long scalars counted as several. */
  maxExpansion: number;
}

export const DEFAULT_YAML_LIMITS: YamlLimits = {
  maxBytes: 4 * 1024 * 1024,
  maxDepth: 100,
  maxExpansion: 400_000,
};

export type YamlLimitCode = 'tooLarge' | 'tooDeep' | 'aliasExpansion';

/** A file is beyond a limit. The message is a sentence for users. */
export class YamlLimitError extends Error {
  override readonly name = 'YamlLimitError';

  constructor(
    readonly code: YamlLimitCode,
    limits: YamlLimits,
    /** Where in the file, counted from 1; a file that is too large has no such line. */
    line?: number,
  ) {
    super(`${REASONS[code](limits)}${line === undefined ? '' : ` (line ${line})`}.`);
  }
}

const REASONS: Record<YamlLimitCode, (limits: YamlLimits) => string> = {
  tooLarge: ({ maxBytes }) => `The file is larger than ${maxBytes} bytes`,
  tooDeep: ({ maxDepth }) => `The file is nested deeper than ${maxDepth} levels`,
  aliasExpansion: () => 'The aliases stand for too much content',
};

/** The line of a place in a text, counted from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}
