import type { FoundObject } from '../diff/object-pairs.js';
import { isSame, toJson } from '../diff/values.js';
import { yamlText } from '../diff/yaml-text.js';
import type { DocumentReader, ReadText } from './documents.js';
import type { Decision } from './merge-values.js';
import type { ObjectTrio } from './object-trios.js';
import { mergedText } from './text-merge.js';

/** An object that the result holds. */
export interface MergedObject {
  trio: ObjectTrio;
  decision: Decision;
  /** The file that it goes to. */
  file: string;
  /** The text of its document, without the line that divides it from others. */
  text: string;
  /** Its text could not be changed so that it says what was decided, and was written anew: comments of its own are lost. */
  isRewritten: boolean;
}

/** The text of an object's document after the merge. */
export function textOfMerged(
  { base, ours, theirs }: ObjectTrio,
  decision: Decision,
  textOf: (object: FoundObject) => ReadText | undefined,
  reader: DocumentReader,
): { text: string; isRewritten: boolean } {
  const [before, mine, other] = [base, ours, theirs].map((object) => object && textOf(object));
  const asIs = (text: string) => ({ text, isRewritten: false });
  if (mine && (!other || other.text === before?.text || decision.take === 'ours')) return asIs(mine.text);
  if (other && (!mine || decision.take === 'theirs')) return asIs(other.text);
  if (!mine || decision.take === 'written') return asIs(yamlText(toJson(decision.value)));
  if (other && mine.text === before?.text && decision.isGuarded !== true) return asIs(other.text);
  const text = mergedText({ ours: mine.source(), base: before?.source(), theirs: other?.source() }, decision);
  if (says(text, decision.value, reader)) return asIs(text);
  return { text: yamlText(toJson(decision.value)), isRewritten: true };
}

/** Whether a text is read as this value. */
export function says(text: string, value: unknown, reader: DocumentReader): boolean {
  const read = reader.readText(text);
  return read?.found != null && isSame(read.found.value, value);
}
