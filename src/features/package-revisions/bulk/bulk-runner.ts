import { Injectable, Logger } from '@nestjs/common';
import type { Operation } from '../../../database/generated/client.js';
import { Carrier } from '../../../jobs/instance/carrier.js';
import { JobStore } from '../../../jobs/job.store.js';
import { type Lease, LeaseLostError, Leases } from '../../../jobs/lease.js';
import type { Runner } from '../../../jobs/runner.js';
import { assertHandled, readOperation, type TypedOperation, UNREADABLE } from '../../../jobs/typed-operation.js';
import { BulkHandler } from './bulk.handler.js';
import { BulkStore } from './bulk.store.js';

/** Bulk operations at work at a time in this process; each takes some connections of the database. */
const SEATS = 2;

/** Takes bulk operations up, each under a lease of its own. */
@Injectable()
export class BulkRunner implements Runner {
  readonly seats = SEATS;
  private readonly logger = new Logger('Bulk');
  private readonly stopping = new AbortController();

  constructor(
    private readonly leases: Leases,
    private readonly store: BulkStore,
    private readonly jobs: JobStore,
    private readonly carrier: Carrier,
    private readonly handler: BulkHandler,
  ) {
    assertHandled('operation', { bulk: handler });
  }

  due(limit: number): Promise<string[]> {
    return this.store.due(limit);
  }

  hasRoom(): boolean {
    return true;
  }

  interrupt(): void {
    this.stopping.abort(new Error('The worker is stopping.'));
  }

  async run(id: string): Promise<void> {
    // What ended while the lease was given back had no one to hear of it.
    for (let more = true; more && !this.stopping.signal.aborted;) more = await this.visit(id);
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
    return this.store.isDue(id);
  }

  private async carryOut(row: Operation, lease: Lease): Promise<void> {
    const operation = this.read(row);
    if (operation === null) return this.jobs.fail(row.id, UNREADABLE);
    const held = { lease, stopping: this.stopping.signal };
    await this.carrier.carryOut(operation, held, (work) => this.handler.run(operation, work));
  }

  /** Null where nobody can read what is stored. */
  private read(row: Operation): TypedOperation<'bulk'> | null {
    try {
      return readOperation<'bulk'>({ bulk: this.handler }, row);
    } catch (error) {
      this.logger.error({ message: `An operation cannot be read: ${String(error)}`, operationId: row.id });
      return null;
    }
  }
}
