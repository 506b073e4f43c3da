import { z } from 'zod';
import { isStorable } from '../../domain/storable-text.js';

/** Text that Postgres can hold: no NUL, no half of a surrogate pair. */
export const text = (maximum: number) =>
  z.string().max(maximum).refine(isStorable, { error: 'Text must be valid Unicode without NUL characters.' });
