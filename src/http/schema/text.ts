import { z } from 'zod';

/** Text that Postgres can hold: no NUL, no half of a surrogate pair. */
export const text = (maximum: number) =>
  z.string().max(maximum).refine(isStorable, { error: 'Text must be valid Unicode without NUL characters.' });

const isStorable = (value: string): boolean => !/[\0\p{Surrogate}]/u.test(value);
