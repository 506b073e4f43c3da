/** How long a host is doubted after one of its repositories could not be reached, in milliseconds. */
const DOUBT_MS = 30_000;

/**
 * Keeps remotes that do not answer from taking all of a worker's room. A repository, or a webhook, is doubted while its last
 * visit failed, or a neighbour on its host failed a moment ago; doubted ones get half of the seats, all others any of them.
 */
export class Bulkhead {
  private readonly limit: number;
  private readonly hosts = new Map<string, string>();
  private readonly failed = new Set<string>();
  private readonly doubtedUntil = new Map<string, number>();
  private taken = 0;

  constructor(seats: number) {
    this.limit = Math.max(1, Math.floor(seats / 2));
  }

  hasRoom(repositoryId: string): boolean {
    return this.taken < this.limit || !this.isDoubted(repositoryId);
  }

  /** Call the answer when done; null: there is no room for one that is doubted. */
  enter(repositoryId: string): (() => void) | null {
    if (!this.isDoubted(repositoryId)) return () => undefined;
    if (this.taken >= this.limit) return null;
    this.taken += 1;
    return () => {
      this.taken -= 1;
    };
  }

  noteFailure({ id, url }: { id: string; url: string }): void {
    const host = hostOf(url);
    this.hosts.set(id, host);
    this.failed.add(id);
    this.doubtedUntil.set(host, Date.now() + DOUBT_MS);
  }

  noteSuccess({ id, url }: { id: string; url: string }): void {
    this.hosts.set(id, hostOf(url));
    this.failed.delete(id);
  }

  private isDoubted(id: string): boolean {
    const until = this.doubtedUntil.get(this.hosts.get(id) ?? '') ?? 0;
    return this.failed.has(id) || until > Date.now();
  }
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);
