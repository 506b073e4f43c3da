import { type Config, StartupError } from '../../config/config.js';
import type { Database } from '../../database/database.js';
import type { DatabaseUrls } from '../../database/prepare.js';

/** The longest time that one check may take, in milliseconds. */
export const LIMIT_MS = 10_000;
/** The longest time a check waits for one server: shorter than the limit of the check, so that the check itself can name the server. */
export const ANSWER_MS = 7_000;

export interface Finding {
  status: 'ok' | 'warning' | 'failed';
  /** A sentence; never holds a secret. */
  found: string;
  /** One sentence; what to do. */
  advice?: string;
}

/** The installation that the checks look at. */
export interface Installation {
  config: Config;
  /** Null: there is no embedded PostgreSQL that runs. */
  urls: DatabaseUrls | null;
  database: Database | null;
}

/** An installation whose database answers. */
export interface Reached extends Installation {
  urls: DatabaseUrls;
  database: Database;
}

/** What a check needs to run: a database that answers (`database`), or one that also has all migrations (`tables`). */
export type Need = 'nothing' | 'database' | 'tables';

export type Check = { name: string } & (
  | { needs: 'nothing'; look(on: Installation): Promise<Finding[]> }
  | { needs: 'database' | 'tables'; look(on: Reached): Promise<Finding[]> }
);

export const ok = (found: string): Finding => ({ status: 'ok', found });
export const warning = (found: string, advice: string): Finding => ({ status: 'warning', found, advice });
export const failed = (found: string, advice?: string): Finding => ({
  status: 'failed',
  found,
  ...(advice !== undefined && { advice }),
});

/** A mistake of the set-up as a finding: its message says what to do. */
export async function mistakesOf(look: () => Promise<void>): Promise<Finding[]> {
  try {
    await look();
    return [];
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    return [failed(error.message)];
  }
}
