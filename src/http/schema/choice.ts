import { z } from 'zod';

type Values = readonly [string, ...string[]];

/** One of a few values, as a component of its own. Later versions add none: clients may take it for an enumeration. */
export const choice = <const Given extends Values>(id: string, values: Given, description: string) =>
  z.enum(values).meta({ id, description });

/**
 * One of the values known today, as a component of its own. Later versions may add some: clients read any string, so
 * that a new value breaks none of them.
 */
export const openChoice = <const Given extends Values>(id: string, values: Given, description: string) =>
  z.enum(values).meta({
    id,
    description: `${description} Values may be added.`,
    examples: [values[0]],
    openapi: { type: 'string', 'x-extensible-enum': values },
  });
