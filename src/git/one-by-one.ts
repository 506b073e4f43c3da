import { GitError, type RefChange } from './port.js';

/**
 * Makes changes that the remote cannot make as one, in their order. At the first that fails it ends, and takes back the
 * refs that need one that was not changed (best effort: the remote may refuse that, too). Only deletions of branches may
 * be refused without an end.
 */
export async function pushOneByOne(
  changes: readonly RefChange[],
  send: (change: RefChange) => Promise<void>,
): Promise<void> {
  const made: RefChange[] = [];
  const refusals: GitError[] = [];
  for (const change of changes) {
    try {
      await send(change);
      made.push(change);
    } catch (error) {
      if (!isAnswer(error)) throw error;
      if (error.code !== 'rejected' || !isBranchDeletion(change)) {
        throw withMade(error, await takeBack(made, send));
      }
      refusals.push(error);
    }
  }
  const [first] = refusals;
  if (first === undefined) return;
  const refs = refusals.flatMap(({ data }) => data.refs ?? []);
  throw withMade(new GitError('rejected', first.message, { ...first.data, refs }), made);
}

export const isBranchDeletion = ({ ref, next }: RefChange): boolean => next === null && ref.startsWith('refs/heads/');

/** Returns the changes that stay. */
async function takeBack(made: readonly RefChange[], send: (change: RefChange) => Promise<void>): Promise<RefChange[]> {
  const refs = new Set(made.map(({ ref }) => ref));
  const stay: RefChange[] = [];
  for (const change of made) {
    const { ref, needs, next } = change;
    if (needs !== undefined && !refs.has(needs)) {
      const gone = await send({ ref, expected: next, next: null }).then(
        () => true,
        () => false,
      );
      if (gone) continue;
    }
    stay.push(change);
  }
  return stay;
}

/** The remote said what it thinks of the change; after anything else it is not known what it did. */
const isAnswer = (error: unknown): error is GitError =>
  error instanceof GitError && (error.code === 'rejected' || error.code === 'staleRef');

const withMade = ({ code, message, data }: GitError, made: readonly RefChange[]): GitError =>
  new GitError(code, message, { ...data, made: made.map(({ ref }) => ref) });
