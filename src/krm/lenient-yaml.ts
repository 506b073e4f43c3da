import { Composer, type CST, type Document, Lexer, Parser } from 'yaml';
import { lineAt, YamlLimitError, type YamlLimits } from './yaml-limits.js';

/** `yaml` needs a second and more for each megabyte: it is not worth reading on behind this. */
const MAX_CHARACTERS = 1024 * 1024;

/**
 * The documents of a text by `yaml`, which takes more for YAML than js-yaml does; null when it too finds errors, or when
 * the text is too long for it. Throws YamlLimitError for a text that is nested too deep. Never on the main thread.
 */
export function lenientDocuments(text: string, limits: YamlLimits): Document.Parsed[] | null {
  // Pretty errors and the search for duplicate keys take quadratic time.
  const composer = new Composer({ logLevel: 'silent', prettyErrors: false, uniqueKeys: false });
  try {
    // One error is enough: `yaml` makes an object of each, and a small file can hold a million.
    Object.assign(composer, { onError: refuse });
    return [...composer.compose(tokensOf(text, limits))];
  } catch (error) {
    if (error instanceof YamlLimitError) throw error;
    return null;
  }
}

function refuse(_source: unknown, _code: unknown, message: string, isWarning = false): void {
  if (!isWarning) throw new SyntaxError(message);
}

/** `yaml` composes documents by recursion, without a limit: a text that is too deep ends before it gets there. */
function* tokensOf(text: string, limits: YamlLimits): Generator<CST.Token, void> {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    if (parser.offset > MAX_CHARACTERS) throw new SyntaxError('The text is too long.');
    for (const token of parser.next(lexeme)) {
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
