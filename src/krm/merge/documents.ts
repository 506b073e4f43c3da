import { foundObjects, isEmpty, UPSTREAM_COMMENT } from '../diff/read-objects.js';
import type { FoundObject } from '../diff/object-pairs.js';
import { type TreeEntry, textOf } from '../diff/tree-files.js';
import { constructDocuments, strictEvents } from '../strict-yaml.js';
import { type KrmObject, krmList, krmValues } from '../krm-object.js';
import { isYamlPath } from '../parse.js';
import type { YamlLimits } from '../yaml-limits.js';
import { placesOf } from '../yaml-places.js';
import type { Source } from './text-entries.js';

/** A document of a file: the line that divides it from the one before, and its text. */
export interface Document {
  /** `---` with its line break; '' where the first document needs none. */
  divider: string;
  read: ReadText;
  /** Null: there are comments at most. */
  object: FoundObject | null;
  /** The objects that a list holds, in its order, where `object` is a list; null where it is none. */
  items: readonly FoundObject[] | null;
}

/** What is read of the text of a document, once however many versions hold it. */
export interface ReadText {
  text: string;
  /** Null: it holds no object. */
  found: Found | null;
  /** The objects that a list holds, where `found` is a list; null where it is none. */
  items: Found[] | null;
  comment: RegExpExecArray | null;
  /** The text with its places, which are looked for when they are needed. */
  source: () => Source;
}

interface Found {
  object: KrmObject;
  value: unknown;
}

const DIVIDER = /^---[ \t]*(?:#[^\r\n]*)?(?:\r?\n|$)/;
const DOCUMENT_START = /^---(?=\s|$)/gm;

/** Reads the documents of files, each text once. */
export class DocumentReader {
  private readonly known = new Map<string, ReadText | null>();

  constructor(private readonly limits: YamlLimits) {}

  /** The documents of a file that holds an object or a list of objects in each of them, and nothing else; null for any other. */
  read({ path, content, mode }: TreeEntry): Document[] | null {
    if (content === null || !mode.startsWith('100') || !isYamlPath(path)) return null;
    if (content.byteLength > this.limits.maxBytes) return null;
    const text = textOf(content);
    if (text === null) return null;
    const parts = partsOf(text).map((part) => {
      const divider = DIVIDER.exec(part)?.[0] ?? '';
      return { divider, read: this.readText(part.slice(divider.length)) };
    });
    const documents = parts.flatMap(({ divider, read }) => (read === null ? [] : [{ divider, read }]));
    if (documents.length < parts.length) return null;
    if (documents.every(({ read }) => read.found === null)) return null;
    return withObjects(path, documents);
  }

  /** One document that holds an object, a list of them, or nothing; null for anything else. */
  readText(text: string): ReadText | null {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const read = this.readAnew(text);
    this.known.set(text, read);
    return read;
  }

  private readAnew(text: string): ReadText | null {
    try {
      const events = strictEvents(text, this.limits);
      const { documents } = constructDocuments(text, events);
      const [document] = documents;
      if (documents.length > 1) return null;
      const list = krmList(document);
      const [found] = list ? [{ object: list.object, value: document }] : krmValues(documents);
      if (found && found.value !== document) return null;
      if (!found && documents.length > 0 && !isEmpty(document)) return null;
      let source: Source | undefined;
      return {
        text,
        found: found ?? null,
        items: list?.items ?? null,
        comment: text.includes('kpt-merge:') ? UPSTREAM_COMMENT.exec(text) : null,
        source: () => {
          const [root] = source ? [] : placesOf(text, events);
          if (!source && !root) throw new Error('A document that holds an object has no place.');
          source ??= { text, root: root! };
          return source;
        },
      };
    } catch {
      // js-yaml does not take it, or it is beyond a limit: its lines are merged.
      return null;
    }
  }
}

function partsOf(text: string): string[] {
  const starts = [...text.matchAll(DOCUMENT_START)].map(({ index }) => index).filter((index) => index > 0);
  return [0, ...starts].map((start, at) => text.slice(start, starts[at] ?? text.length));
}

/** Counts the objects that have no name through the whole file, whether they are in lists or not, as a comparison does. */
function withObjects(path: string, documents: readonly Pick<Document, 'divider' | 'read'>[]): Document[] {
  const single = ({ found, items }: ReadText): Found[] => (found && !items ? [found] : []);
  const listed = documents.flatMap(({ read }) => (read.found && read.items ? [read.found] : []));
  const held = documents.flatMap(({ read }) => read.items ?? single(read));
  const comments = documents.flatMap(({ read }) => read.items?.map(() => null) ?? single(read).map(() => read.comment));
  const objects = foundObjects(path, held, comments).values();
  const lists = foundObjects(path, listed, null).values();
  const next = (of: IterableIterator<FoundObject>): FoundObject | null => of.next().value ?? null;
  return documents.map(({ divider, read }) => {
    const items = read.items?.flatMap(() => next(objects) ?? []) ?? null;
    return { divider, read, items, object: items ? next(lists) : read.found && next(objects) };
  });
}
