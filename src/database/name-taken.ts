import { refusal } from '../domain/errors.js';
import { Prisma } from './generated/client.js';

/** Makes a handler for a write that failed: it throws `alreadyExists` if another row has the name, else the error itself. */
export const nameTaken =
  (noun: string, name: string) =>
  (error: unknown): never => {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') throw error;
    throw refusal('alreadyExists', '/name', 'alreadyExists', `There is a ${noun} named "${name}" already.`);
  };
