import { z } from 'zod';
import { labelKey } from '../../http/fields.js';
import { text } from '../../http/text.js';

/** As Kubernetes limits them, keys and values together. */
const MAX_CHARACTERS = 256 * 1024;

const value = text(MAX_CHARACTERS);

const atMostSize = (annotations: Record<string, string | null>): boolean =>
  Object.entries(annotations).reduce((sum, [key, text]) => sum + key.length + (text?.length ?? 0), 0) <= MAX_CHARACTERS;

const tooLarge = { error: `Annotations may have at most ${MAX_CHARACTERS} characters together.` };

export const annotations = z
  .record(labelKey, value)
  .refine(atMostSize, tooLarge)
  .meta({
    id: 'Annotations',
    description: 'Notes for people and tools: keys as of labels, values of any text, 256 KiB together.',
    examples: [{ 'example.com/ticket': 'NET-1234' }],
  });

/** A merge patch of annotations: a value sets one, `null` removes it, what is not named stays. */
export const annotationsPatch = z
  .record(labelKey, value.nullable())
  .refine(atMostSize, tooLarge)
  .meta({
    id: 'AnnotationsPatch',
    description: 'Annotations to set; `null` removes one, what is not named stays.',
    examples: [{ 'example.com/ticket': null }],
  });
