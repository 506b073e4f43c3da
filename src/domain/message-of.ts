/** Returns the message of a caught error; a value that is no Error is written as text. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
