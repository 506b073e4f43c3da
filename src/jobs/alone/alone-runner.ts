import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Operation, Prisma } from '../../database/generated/client.js';
import { kindsIn } from '../../domain/operation.js';
import { Carrier } from '../instance/carrier.js';
import type { InstanceWork } from '../instance/instance-handler.js';
import { JobStore } from '../job.store.js';
import { type Lease, LeaseLostError, Leases } from '../lease.js';
import type { Runner } from '../runner.js';
import { Seats } from '../seats.js';
import { assertHandled, readOperation, type TypedOperation, UNREADABLE } from '../typed-operation.js';
import { ALONE_HANDLERS, type AloneHandler, type AloneHandlerTable, type AloneKind } from './alone-handler.js';
import { AloneStore } from './alone.store.js';

const KINDS = kindsIn('operation');

/** Takes operations up that are a scope by themselves, each under a lease of its own; no kind takes the seats of another. */
@Injectable()
export class AloneRunner implements Runner {
  readonly seats: number;
  readonly isDue: Prisma.Sql;
  private readonly logger = new Logger('Operations');
  private readonly stopping = new AbortController();
  private readonly handlers: { readonly [Kind in AloneKind]: AloneHandler<Kind> };
  private readonly seatsOf: ReadonlyMap<string, Seats>;

  constructor(
    private readonly leases: Leases,
    private readonly store: AloneStore,
    private readonly jobs: JobStore,
    private readonly carrier: Carrier,
    @Inject(ALONE_HANDLERS) handlers: AloneHandlerTable,
  ) {
    assertHandled('operation', handlers);
    this.handlers = handlers;
    this.seatsOf = new Map(KINDS.map((kind) => [kind, new Seats(handlers[kind].seats)]));
    this.isDue = store.isDue(KINDS);
    this.seats = KINDS.reduce((sum, kind) => sum + handlers[kind].seats, 0);
  }

  start(): void {
    for (const kind of KINDS) this.handlers[kind].start?.();
  }

  async due(limit: number): Promise<string[]> {
    const kinds = KINDS.filter((kind) => this.seatsOf.get(kind)?.areFree);
    return kinds.length === 0 ? [] : this.store.due(kinds, limit);
  }

  hasRoom(): boolean {
    return true;
  }

  interrupt(): void {
    this.stopping.abort(new Error('The worker is stopping.'));
  }

  async run(id: string): Promise<void> {
    const kind = await this.store.dueKind(id);
    const seats = this.seatsOf.get(kind ?? '');
    // One without a seat is found again by the sweep.
    if (!seats?.areFree) return;
    await seats.use(async () => {
      // What ended while the lease was given back had no one to hear of it.
      for (let more = true; more && !this.stopping.signal.aborted;) more = await this.visit(id);
    });
  }

  /** True where there is more to do at once. */
  private async visit(id: string): Promise<boolean> {
    const lease = await this.leases.acquire(id);
    if (lease === null) return false;
    try {
      const row = await this.store.claim(id, lease);
      if (row === null) return false;
      await this.carryOut(row, lease);
    } catch (error) {
      if (this.stopping.signal.aborted) return false;
      if (!(error instanceof LeaseLostError)) throw error;
      this.logger.warn(error.message);
      return false;
    } finally {
      await lease.release();
    }
    return (await this.store.dueKind(id)) !== null;
  }

  private async carryOut(row: Operation, lease: Lease): Promise<void> {
    const operation = this.read(row);
    if (operation === null) return this.jobs.fail(row.id, UNREADABLE);
    const held = { lease, stopping: this.stopping.signal };
    await this.carrier.carryOut(operation, held, (work) => this.apply(operation, work));
  }

  /** Null where nobody can read what is stored. */
  private read(row: Operation): TypedOperation<AloneKind> | null {
    try {
      return readOperation<AloneKind>(this.handlers, row);
    } catch (error) {
      this.logger.error({ message: `An operation cannot be read: ${String(error)}`, operationId: row.id });
      return null;
    }
  }

  private apply<Kind extends AloneKind>(
    operation: TypedOperation<Kind>,
    work: InstanceWork,
  ): Promise<Record<string, unknown> | null> {
    const handler: AloneHandler<Kind> = this.handlers[operation.kind];
    return handler.run(operation, work);
  }
}
