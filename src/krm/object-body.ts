import { storableText } from '../domain/storable-text.js';
import { normalImage } from './image-reference.js';
import { PlainScalar } from './plain-scalar.js';

/** What is searched of an object: its JSON without what is secret, and the images that it names, each once. */
export interface ObjectBody {
  body: string;
  images: string[];
}

type Mapping = Map<string, unknown>;

/** Characters of JSON that the bodies of one file have together: aliases can make far more of a file than its own bytes. */
const MOST_CHARACTERS = 8 * 1024 * 1024;
/** Text that jsonb does not hold; the second may also be a backslash that is written out. */
const MAY_BE_UNSTORABLE = /\\u(?:0000|d[89a-f])/;
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const SECRET_KEYS: ReadonlySet<string> = new Set(['data', 'stringData']);
/** Kinds whose `image` keys are anybody's own text. */
const WITHOUT_IMAGES: ReadonlySet<string> = new Set(['ConfigMap', 'Secret']);
/** kpt 1.0 looks here for a function whose name has no slash. Newer versions may look elsewhere; a Kptfile does not say which version runs it. */
const KPT_FUNCTIONS = 'gcr.io/kpt-fn/';

class TooLargeError extends Error {}

/** Writes the bodies of the objects of one file. */
export class BodyWriter {
  /** Whether an object was too large: of that, and of those behind it, there is the apiVersion, kind and name only. */
  isFull = false;
  private isCleaning = false;
  private left = MOST_CHARACTERS;
  private images = new Set<string>();
  private isKptfile = false;

  /** `value` is a mapping of plain values; `type` what the object is. */
  write(value: unknown, type: { apiVersion: string; kind: string; name: string | null }): ObjectBody {
    this.images = new Set();
    this.isKptfile = type.kind === 'Kptfile';
    const body = this.isFull ? null : this.whole(value, type.kind);
    if (body === null) {
      const { apiVersion, kind, name } = type;
      return { body: JSON.stringify({ apiVersion, kind, metadata: { name } }), images: [] };
    }
    return { body, images: WITHOUT_IMAGES.has(type.kind) ? [] : [...this.images] };
  }

  private whole(value: unknown, kind: string): string | null {
    try {
      const object = value instanceof Map ? shown(value as Mapping, kind) : value;
      if (object instanceof Map && kind === 'Kustomization') this.addKustomized(object as Mapping);
      const body = this.json(object);
      if (!MAY_BE_UNSTORABLE.test(body)) return body;
      this.isCleaning = true;
      return this.json(object);
    } catch (error) {
      if (!(error instanceof TooLargeError)) throw error;
      this.isFull = true;
      return null;
    } finally {
      this.isCleaning = false;
    }
  }

  private json(value: unknown): string {
    if (typeof value === 'string') return this.quoted(value);
    if (value instanceof PlainScalar) return this.counted(value.json);
    if (value instanceof Map) return this.mapping(value as Mapping);
    if (Array.isArray(value)) return this.list(value);
    return this.counted(typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'null'));
  }

  private mapping(map: Mapping): string {
    const kind = map.get('kind');
    let text = '';
    for (const [key, value] of typeof kind === 'string' ? shown(map, kind) : map) {
      if (key === 'image') this.addImage(value);
      text += `${text === '' ? '{' : ','}${this.quoted(key)}:${this.json(value)}`;
    }
    return text === '' ? '{}' : `${text}}`;
  }

  private list(items: unknown[]): string {
    let text = '';
    for (const item of items) text += `${text === '' ? '[' : ','}${this.json(item)}`;
    return text === '' ? '[]' : `${text}]`;
  }

  private quoted(text: string): string {
    return this.counted(JSON.stringify(this.isCleaning ? storableText(text) : text));
  }

  private counted(text: string): string {
    this.left -= text.length + 1;
    if (this.left < 0) throw new TooLargeError();
    return text;
  }

  /** A reference, or its parts as the values of charts have them. */
  private addImage(value: unknown): void {
    if (typeof value === 'string')
      this.note(this.isKptfile && !value.includes('/') ? `${KPT_FUNCTIONS}${value}` : value);
    else if (value instanceof Map) this.note(joined(value as Mapping, 'repository', 'tag'));
  }

  private addKustomized(object: Mapping): void {
    const images = object.get('images');
    for (const image of Array.isArray(images) ? images : []) {
      if (image instanceof Map)
        this.note(joined(image as Mapping, image.has('newName') ? 'newName' : 'name', 'newTag'));
    }
  }

  private note(text: string | null): void {
    const image = text === null ? null : normalImage(text);
    if (image !== null) this.images.add(image);
  }
}

/** Null where neither a tag nor a digest says which one it is. */
function joined(parts: Mapping, nameKey: string, tagKey: string): string | null {
  const [registry, name, tag, digest] = ['registry', nameKey, tagKey, 'digest'].map((key) => textOf(parts.get(key)));
  if (name === undefined || (tag === undefined && digest === undefined)) return null;
  const place = registry === undefined ? name : `${registry}/${name}`;
  return `${place}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function textOf(value: unknown): string | undefined {
  if (value instanceof PlainScalar) return value.value === null ? undefined : value.text;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A mapping of this kind without the values of secrets, also where it lies inside of another object. */
function shown(map: Mapping, kind: string): Mapping {
  if (kind === 'Kustomization') return changed(map, 'secretGenerator', withoutLiterals);
  if (kind !== 'Secret') return map;
  const open = new Map([...map].filter(([key]) => !SECRET_KEYS.has(key)));
  return changed(open, 'metadata', (metadata) =>
    metadata instanceof Map
      ? changed(metadata as Mapping, 'annotations', (own) => without(own, LAST_APPLIED))
      : metadata,
  );
}

const withoutLiterals = (generators: unknown): unknown =>
  Array.isArray(generators) ? generators.map((generator) => without(generator, 'literals')) : generators;

const without = (value: unknown, name: string): unknown =>
  value instanceof Map ? new Map([...(value as Mapping)].filter(([key]) => key !== name)) : value;

const changed = (map: Mapping, name: string, change: (value: unknown) => unknown): Mapping =>
  map.has(name) ? new Map(map).set(name, change(map.get(name))) : map;
