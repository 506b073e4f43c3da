import {
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  FAILSAFE_SCHEMA,
  mergeTag,
  NOT_RESOLVED,
} from './js-yaml.js';
import { NUMBER_STARTS, PlainScalar, plainNumber, plainWord, WORD_STARTS } from './plain-scalar.js';

/** What js-yaml was told of while it built the documents of one text. */
export class Findings {
  /** A key came twice, or one that kubectl does not read as it is written. Merge keys may set it without a fault. */
  hasOddKeys = false;
}

const TAG = 'tag:yaml.org,2002:';

/**
 * Reads scalars as kubectl does (see {@link PlainScalar}), mappings as Maps by the text of their keys as it is written. Of
 * a key given twice the last counts. Tags that are not YAML's own say nothing, as for kubectl.
 */
export function kubectlSchema(findings: Findings) {
  const identify = () => false;
  const scalar = (name: string, read: (text: string) => PlainScalar | null, firstChars: readonly string[]) =>
    defineScalarTag<unknown>(TAG + name, {
      implicit: true,
      implicitFirstChars: firstChars,
      resolve: (text) => read(text) ?? NOT_RESOLVED,
      identify,
    });
  const explicit = (name: string, resolve: (text: string) => unknown) =>
    defineScalarTag<unknown>(TAG + name, { resolve, identify });

  /**
   * Maps, since js-yaml's own objects differ in nothing but their cost: files whose keys are all different make the
   * engine a new shape of object for each of them.
   */
  const mapping = {
    create: () => new Map<string, unknown>(),
    addPair: (map: Map<string, unknown>, key: unknown, value: unknown) => {
      const text = keyText(key);
      if (text === null) return 'mappings with complex keys are not supported';
      const size = map.size;
      map.set(text, value);
      if (map.size === size || typeof key !== 'string') findings.hasOddKeys ||= isOdd(key) || map.size === size;
      return '';
    },
    has: (map: Map<string, unknown>, key: unknown) => map.has(keyText(key) ?? ''),
    keys: (map: Map<string, unknown>) => map.keys(),
    get: (map: Map<string, unknown>, key: unknown) => map.get(keyText(key) ?? ''),
    identify,
  };
  const sequence = {
    create: (): unknown[] => [],
    addItem: (list: unknown[], item: unknown) => {
      list.push(item);
      return '';
    },
    identify,
  };

  return FAILSAFE_SCHEMA.withTags(
    scalar('int', plainNumber, NUMBER_STARTS),
    scalar('bool', plainWord, WORD_STARTS),
    mergeTag,
    explicit('float', (text) => plainNumber(text) ?? NOT_RESOLVED),
    explicit('null', (text) => (plainWord(text)?.value === null ? plainWord(text) : NOT_RESOLVED)),
    explicit('binary', (text) => Buffer.from(text, 'base64').toString('utf8')),
    defineMappingTag(`${TAG}map`, mapping),
    // Every other tag: the first characters of its name are none.
    defineScalarTag('', { matchByTagPrefix: true, resolve: (text) => text, identify }),
    defineMappingTag('', { matchByTagPrefix: true, ...mapping }),
    defineSequenceTag('', { matchByTagPrefix: true, ...sequence }),
  );
}

/** The text of a key as it is written; null for a collection. */
export function keyText(key: unknown): string | null {
  if (typeof key === 'string') return key;
  return key instanceof PlainScalar ? key.text : null;
}

/** Whether kubectl reads a key as something else than its text: `on` as `true`. It takes no key that is null. */
export function isOdd(key: unknown): key is PlainScalar {
  return key instanceof PlainScalar && (key.value === null || key.json !== key.text);
}
