import { z } from 'zod';

/** What keys and values may be is checked where labels and annotations come together: in the domain. */
export const annotations = z.record(z.string(), z.string()).meta({
  id: 'Annotations',
  description: 'Notes for people and tools: keys as of labels, values of any text, 256 KiB together.',
  examples: [{ 'example.com/ticket': 'NET-1234' }],
});

/** A merge patch of annotations: a value sets one, `null` removes it, what is not named stays. */
export const annotationsPatch = z.record(z.string(), z.string().nullable()).meta({
  id: 'AnnotationsPatch',
  description: 'Annotations to set; `null` removes one, what is not named stays.',
  examples: [{ 'example.com/ticket': null }],
});
