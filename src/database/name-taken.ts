import { refusal } from '../domain/errors.js';
import { Prisma } from './generated/client.js';

/** For the failure of a write: says `alreadyExists` where the name is another's, and throws any other error as it is. */
export const nameTaken =
  (noun: string, name: string) =>
  (error: unknown): never => {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') throw error;
    throw refusal('alreadyExists', '/name', 'alreadyExists', `There is a ${noun} named "${name}" already.`);
  };
