export interface DatabaseSettings {
  /** Of PostgreSQL, or of a pooler that pools transactions where `directUrl` is another. */
  url: string;
  /** Of PostgreSQL itself, for what needs a session; undefined: `url` is. */
  directUrl?: string | undefined;
  poolSize: number;
  /** Standbys that may be read, and how far they may be behind. */
  replicas?: { urls: readonly string[]; mostBehindSeconds: number };
  /** Who it is for, in the name of its connections. */
  part?: string;
}
