import { CORE_SCHEMA, loadAll, mergeTag, YAMLException } from 'js-yaml';
import { type Document, parseAllDocuments } from 'yaml';
import { krmObject, storableText, type KrmObject } from './krm-object.js';
import { mappingTag } from './mapping-tag.js';
import { plainValue } from './plain-value.js';
import { prescan } from './prescan.js';
import { DEFAULT_YAML_LIMITS, type YamlLimits } from './yaml-limits.js';

export interface ParsedFile {
  /** In the order of the file; empty when it could not be read. */
  objects: KrmObject[];
  /** One sentence for users, without the file's content; null when the file was read. */
  parseError: string | null;
}

const SCHEMA = CORE_SCHEMA.withTags(mappingTag, mergeTag);
const LONGEST_REASON = 160;

/** Whether a file is read as YAML, by its path. */
export function isYamlPath(path: string): boolean {
  return path.endsWith('.yaml') || path.endsWith('.yml') || path === 'Kptfile' || path.endsWith('/Kptfile');
}

/** Whether a directory with these files directly in it is a package: it holds a `Kptfile` or at least one KRM object. */
export function isPackageDirectory(
  files: Iterable<readonly [name: string, content: Uint8Array]>,
  limits: YamlLimits = DEFAULT_YAML_LIMITS,
): boolean {
  const list = [...files];
  if (list.some(([name]) => name === 'Kptfile')) return true;
  return list.some(([name, content]) => isYamlPath(name) && parseKrm(content, limits).objects.length > 0);
}

/** The KRM objects of a YAML file, and why there are none where it cannot be read. Never throws. */
export function parseKrm(bytes: Uint8Array, limits: YamlLimits = DEFAULT_YAML_LIMITS): ParsedFile {
  if (bytes.byteLength > limits.maxBytes) return failed(`The file is larger than ${limits.maxBytes} bytes.`);
  const text = decode(bytes);
  if (text === null) return failed('The file is not UTF-8 text.');
  if (text.includes('\0')) return failed('The file is not text: it holds NUL characters.');
  const refusal = prescan(text, limits);
  if (refusal) return failed(refusal.message);
  try {
    // js-yaml counts a collection's scalars as one level more.
    return found(loadAll(text, { schema: SCHEMA, maxDepth: limits.maxDepth + 1, maxAliases: limits.maxAliases }));
  } catch (error) {
    // A key given twice is the file's fault, and `yaml` would need quadratic time to see it.
    if (!(error instanceof YAMLException) || error.reason !== 'duplicated mapping key') {
      const documents = secondOpinion(text);
      if (documents) return found(documents);
    }
    return failed(sentence(error));
  }
}

/**
 * Parses with `yaml`, whose reading is more lenient; null when it too finds errors. Pretty errors and the search for
 * duplicate keys are off: both take quadratic time. The text must have passed the pre-scan.
 */
export function parseDocuments(text: string): Document.Parsed[] | null {
  try {
    const documents = parseAllDocuments(text, { logLevel: 'silent', prettyErrors: false, uniqueKeys: false });
    if (!Array.isArray(documents)) return [];
    return documents.some((document) => document.errors.length > 0) ? null : documents;
  } catch {
    return null;
  }
}

function secondOpinion(text: string): unknown[] | null {
  return parseDocuments(text)?.map(plainValue) ?? null;
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function found(documents: unknown[]): ParsedFile {
  const objects = documents.map(krmObject).filter((object) => object !== null);
  return { objects, parseError: null };
}

function failed(parseError: string): ParsedFile {
  return { objects: [], parseError };
}

function sentence(error: unknown): string {
  if (!(error instanceof YAMLException)) return 'The file cannot be read as YAML.';
  // A reason may quote a name from the file, of any length and any characters.
  const reason = storableText(error.reason.replace(/[\p{Cc}\s]+/gu, ' ')).slice(0, LONGEST_REASON);
  const line = error.mark ? ` (line ${error.mark.line + 1})` : '';
  return `The file cannot be read as YAML: ${reason}${line}.`;
}
