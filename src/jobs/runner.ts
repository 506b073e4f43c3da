import type { Prisma } from '../database/generated/client.js';

/** Carries out the work of one kind of scope: of repositories, of the instance, of operations by themselves, or of webhooks. */
export interface Runner {
  /** Scopes at work at a time in this process. */
  readonly seats: number;
  /** A condition that holds where `due` gives any scope, and maybe elsewhere: a sweep asks for those of all runners in one statement. */
  readonly isDue: Prisma.Sql;
  /** The scopes in which there is something to do that no worker is at, the most urgent first. */
  due(limit: number): Promise<string[]>;
  /** Whether the scope may take a seat now. */
  hasRoom(scopeId: string): boolean;
  /** Takes the scope's lease and does all that is due there; returns at once while another worker has it. */
  run(scopeId: string): Promise<void>;
  /** Begins what it does without being asked. */
  start?(): void;
  /** Ends what it does without being asked. What runs goes on. */
  stop?(): Promise<void>;
  /** Has what runs leave its work as it is; the next worker takes it up again. */
  interrupt(): void;
}

/** The runners of a worker process. */
export interface Runners {
  readonly repository: Runner;
  readonly instance: Runner;
  readonly operation: Runner;
  readonly webhook: Runner;
}

export const RUNNERS = Symbol('RUNNERS');
