/** Returns the message of a caught error; a value that is no Error is written as text. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The same on one line, for the log: messages of Prisma begin with an empty one. */
export const lineOf = (error: unknown): string =>
  messageOf(error)
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ');
