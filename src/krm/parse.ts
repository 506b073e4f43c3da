import { YAMLException } from './js-yaml.js';
import { storableText } from '../domain/storable-text.js';
import { type IndexedObject, krmObjects } from './krm-object.js';
import { lenientDocuments } from './lenient-yaml.js';
import { BodyWriter } from './object-body.js';
import { plainValues } from './plain-value.js';
import { type Documents, strictDocuments } from './strict-yaml.js';
import { DEFAULT_YAML_LIMITS, YamlLimitError, type YamlLimits } from './yaml-limits.js';

export interface ParsedFile {
  /** In the order of the file; empty when it could not be read. */
  objects: IndexedObject[];
  /** One sentence for users, without the file's content; null when the file was read. */
  parseError: string | null;
  /** Sentences for users: what the file says that kubectl reads in another way than it looks. At most ten. */
  parseWarnings: string[];
}

const LONGEST_REASON = 160;
const TOO_LARGE_TO_SEARCH = 'The file holds too much for the search: of some objects only kind and name are found.';

/** Whether a file is read as YAML, by its path. JSON is YAML. */
export function isYamlPath(path: string): boolean {
  return /(?:\.ya?ml|\.json|(?:^|\/)Kptfile)$/.test(path);
}

/** The KRM objects of a YAML file, and why there are none where it cannot be read. Never throws. */
export function parseKrm(bytes: Uint8Array, limits: YamlLimits = DEFAULT_YAML_LIMITS): ParsedFile {
  return parsed(readDocuments(bytes, limits));
}

/** What js-yaml does not take, and `yaml` may. */
export interface Undecided {
  text: string;
  refusal: unknown;
}

/** Why a file cannot be read, as {@link ParsedFile} says it. */
export interface Unread {
  parseError: string;
}

/** As {@link parseKrm}, but by js-yaml alone: it reads tens of megabytes a second, whatever is in them. */
export function parseQuickly(bytes: Uint8Array, limits: YamlLimits): ParsedFile | Undecided {
  const first = readQuickly(bytes, limits);
  return 'refusal' in first ? first : parsed(first);
}

/** The values of a file's documents, as {@link strictDocuments} has them. Never throws. */
export function readDocuments(bytes: Uint8Array, limits: YamlLimits): Documents | Unread {
  const first = readQuickly(bytes, limits);
  return 'refusal' in first ? secondOpinion(first.text, limits, first.refusal) : first;
}

function readQuickly(bytes: Uint8Array, limits: YamlLimits): Documents | Undecided | Unread {
  if (bytes.byteLength > limits.maxBytes) return { parseError: new YamlLimitError('tooLarge', limits).message };
  const text = decode(bytes);
  if (text === null) return { parseError: 'The file is not UTF-8 text.' };
  if (text.includes('\0')) return { parseError: 'The file is not text: it holds NUL characters.' };
  try {
    return strictDocuments(text, limits);
  } catch (error) {
    return mayBeYaml(error) ? { text, refusal: error } : { parseError: sentence(error) };
  }
}

/** What js-yaml takes for too deep may be within the limit: it counts some nodes as several levels. */
function mayBeYaml(error: unknown): boolean {
  return !(error instanceof YamlLimitError) || error.code === 'tooDeep';
}

/** What `yaml` makes of the text; `refusal` is what js-yaml has against it. */
function secondOpinion(text: string, limits: YamlLimits, refusal: unknown): Documents | Unread {
  try {
    const documents = lenientDocuments(text, limits);
    return documents === null ? { parseError: sentence(refusal) } : plainValues(documents, text, limits);
  } catch (error) {
    // Errors of syntax make `yaml` nest what is not nested: then js-yaml says what is wrong.
    const saysMore = error instanceof YamlLimitError && error.code !== 'tooDeep';
    return { parseError: sentence(saysMore ? error : refusal) };
  }
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function parsed(read: Documents | Unread): ParsedFile {
  if ('parseError' in read) return { objects: [], parseError: read.parseError, parseWarnings: [] };
  const writer = new BodyWriter();
  const objects = krmObjects(read.documents, writer);
  const parseWarnings = writer.isFull ? [...read.warnings, TOO_LARGE_TO_SEARCH] : read.warnings;
  return { objects, parseError: null, parseWarnings };
}

function sentence(error: unknown): string {
  if (error instanceof YamlLimitError) return error.message;
  if (!(error instanceof YAMLException)) return 'The file cannot be read as YAML.';
  // A reason may quote a name from the file, of any length and any characters.
  const reason = storableText(error.reason.replace(/[\p{Cc}\s]+/gu, ' ')).slice(0, LONGEST_REASON);
  const line = error.mark ? ` (line ${error.mark.line + 1})` : '';
  return `The file cannot be read as YAML: ${reason}${line}.`;
}
