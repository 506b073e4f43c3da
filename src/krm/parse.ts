import { YAMLException } from './js-yaml.js';
import { storableText } from '../domain/storable-text.js';
import { krmObject, type KrmObject } from './krm-object.js';
import { lenientDocuments } from './lenient-yaml.js';
import { plainValues } from './plain-value.js';
import { strictDocuments } from './strict-yaml.js';
import { DEFAULT_YAML_LIMITS, YamlLimitError, type YamlLimits } from './yaml-limits.js';

export interface ParsedFile {
  /** In the order of the file; empty when it could not be read. */
  objects: KrmObject[];
  /** One sentence for users, without the file's content; null when the file was read. */
  parseError: string | null;
}

const LONGEST_REASON = 160;

/** Whether a file is read as YAML, by its path. */
export function isYamlPath(path: string): boolean {
  return path.endsWith('.yaml') || path.endsWith('.yml') || path === 'Kptfile' || path.endsWith('/Kptfile');
}

/** The KRM objects of a YAML file, and why there are none where it cannot be read. Never throws. */
export function parseKrm(bytes: Uint8Array, limits: YamlLimits = DEFAULT_YAML_LIMITS): ParsedFile {
  if (bytes.byteLength > limits.maxBytes) return failed(new YamlLimitError('tooLarge', limits).message);
  const text = decode(bytes);
  if (text === null) return failed('The file is not UTF-8 text.');
  if (text.includes('\0')) return failed('The file is not text: it holds NUL characters.');
  try {
    return found(strictDocuments(text, limits));
  } catch (error) {
    return mayBeYaml(error) ? secondOpinion(text, limits, error) : failed(sentence(error));
  }
}

/**
 * A key given twice is the file's fault, and `yaml` would need quadratic time to see it. What js-yaml takes for too deep
 * may be within the limit: it counts some nodes as several levels.
 */
function mayBeYaml(error: unknown): boolean {
  if (error instanceof YamlLimitError) return error.code === 'tooDeep';
  return !(error instanceof YAMLException) || error.reason !== 'duplicated mapping key';
}

/** What `yaml` makes of the text; `refusal` is what js-yaml has against it. */
function secondOpinion(text: string, limits: YamlLimits, refusal: unknown): ParsedFile {
  try {
    const documents = lenientDocuments(text, limits);
    return documents === null ? failed(sentence(refusal)) : found(plainValues(documents, text, limits));
  } catch (error) {
    // Errors of syntax make `yaml` nest what is not nested: then js-yaml says what is wrong.
    const isTooDeep = error instanceof YamlLimitError && error.code === 'tooDeep';
    return failed(sentence(isTooDeep ? refusal : error));
  }
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
  if (error instanceof YamlLimitError) return error.message;
  if (!(error instanceof YAMLException)) return 'The file cannot be read as YAML.';
  // A reason may quote a name from the file, of any length and any characters.
  const reason = storableText(error.reason.replace(/[\p{Cc}\s]+/gu, ' ')).slice(0, LONGEST_REASON);
  const line = error.mark ? ` (line ${error.mark.line + 1})` : '';
  return `The file cannot be read as YAML: ${reason}${line}.`;
}
