import { Composer, type CST, type Document, Lexer, Parser } from 'yaml';
import { DEFAULT_YAML_LIMITS, lineAt, YamlLimitError, type YamlLimits } from './yaml-limits.js';

/**
 * The documents of a text by `yaml`, which takes more for YAML than js-yaml does, and keeps places and comments; null
 * when it too finds errors. Throws YamlLimitError for a text that is too large or nested too deep.
 */
export function lenientDocuments(text: string, limits: YamlLimits = DEFAULT_YAML_LIMITS): Document.Parsed[] | null {
  if (Buffer.byteLength(text) > limits.maxBytes) throw new YamlLimitError('tooLarge', limits);
  // Pretty errors and the search for duplicate keys take quadratic time.
  const composer = new Composer({ logLevel: 'silent', prettyErrors: false, uniqueKeys: false });
  try {
    const documents = [...composer.compose(tokensOf(text, limits))];
    return documents.some((document) => document.errors.length > 0) ? null : documents;
  } catch (error) {
    if (error instanceof YamlLimitError) throw error;
    return null;
  }
}

/** `yaml` composes documents by recursion, without a limit: a text that is too deep ends before it gets there. */
function* tokensOf(text: string, limits: YamlLimits): Generator<CST.Token, void> {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      // One error is enough: the composer would make an object of each, and a small file can hold a million.
      if (token.type === 'error') throw new SyntaxError(token.message);
      yield token;
    }
    // The stack also holds the document and the scalar that is read now.
    if (parser.stack.length <= limits.maxDepth) continue;
    const depth = parser.stack.filter(isCollection).length;
    if (depth > limits.maxDepth) throw new YamlLimitError('tooDeep', limits, lineAt(text, parser.offset));
  }
  yield* parser.end();
}

function isCollection({ type }: CST.Token): boolean {
  return type === 'block-map' || type === 'block-seq' || type === 'flow-collection';
}
