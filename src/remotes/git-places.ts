import type { GitPlace, ReadPlace } from '../domain/git-place.js';

/** Reads packages at places in Git that no repository is registered for. In worker processes only: API processes fetch nothing. */
export abstract class GitPlaces {
  /**
   * Brings the package that is there into the content index, and pins it by commit and tree. `id` names what is fetched
   * while it is read: the operation that asks. Throws DomainError: `remoteRefNotFound`, `invalidPackage`,
   * `packageTooLarge`, or the remote's fault.
   */
  abstract read(place: GitPlace, id: string, signal: AbortSignal): Promise<ReadPlace>;
  /** Removes what was fetched for operations that have ended: a worker that was killed leaves it behind. */
  abstract tidy(): Promise<void>;
}
