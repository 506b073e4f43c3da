import { Inject, Injectable, Logger } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Operation, Prisma } from '../../database/generated/client.js';
import { kindsIn } from '../../domain/operation.js';
import { JobStore } from '../job.store.js';
import { type Lease, LeaseLostError, Leases } from '../lease.js';
import { Outbox } from '../outbox.js';
import type { Runner } from '../runner.js';
import { assertHandled, readOperation, type TypedOperation, UNREADABLE } from '../typed-operation.js';
import { INSTANCE_SCOPE } from '../work-scope.js';
import { Carrier } from './carrier.js';
import {
  INSTANCE_HANDLERS,
  type InstanceHandler,
  type InstanceHandlerTable,
  type InstanceKind,
  type InstanceWork,
} from './instance-handler.js';
import { InstanceStore, type Periodic } from './instance.store.js';

/** Who asked for operations that nobody asked for; no user has such a name. */
const ITSELF = 'pkgserver:worker';

const KINDS = kindsIn('instance');

/** Carries out the work on the instance as a whole: one operation at a time in all processes, step by step. */
@Injectable()
export class InstanceRunner implements Runner {
  readonly seats = 1;
  readonly isDue: Prisma.Sql;
  private readonly logger = new Logger(InstanceRunner.name);
  private readonly stopping = new AbortController();
  private readonly periodic: readonly Periodic[];
  private readonly handlers: { readonly [Kind in InstanceKind]: InstanceHandler<Kind> };

  constructor(
    private readonly database: Database,
    private readonly leases: Leases,
    private readonly outbox: Outbox,
    private readonly store: InstanceStore,
    private readonly jobs: JobStore,
    private readonly carrier: Carrier,
    @Inject(INSTANCE_HANDLERS) handlers: InstanceHandlerTable,
  ) {
    assertHandled('instance', handlers);
    this.handlers = handlers;
    this.periodic = KINDS.flatMap((kind) => {
      const { everySeconds } = handlers[kind];
      return everySeconds === null ? [] : { kind, everySeconds };
    });
    this.isDue = store.isDue(this.periodic);
  }

  interrupt(): void {
    this.stopping.abort(new Error('The worker is stopping.'));
  }

  hasRoom(): boolean {
    return true;
  }

  async due(): Promise<string[]> {
    return (await this.store.holds(this.isDue)) ? [INSTANCE_SCOPE] : [];
  }

  async run(): Promise<void> {
    const lease = await this.leases.acquire(INSTANCE_SCOPE);
    if (!lease) return;
    try {
      await this.askForPeriodic(lease);
      while (!this.stopping.signal.aborted) {
        const operation = await this.store.claim(lease);
        if (operation === null) return;
        await this.carryOut(operation, lease);
      }
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      if (!(error instanceof LeaseLostError)) throw error;
      this.logger.warn(error.message);
    } finally {
      await lease.release();
    }
  }

  private async askForPeriodic(lease: Lease): Promise<void> {
    for (const periodic of this.periodic) {
      if (!(await this.store.isTimeFor(periodic))) continue;
      const { kind } = periodic;
      const target = { type: 'Instance', id: INSTANCE_SCOPE, name: 'pkgserver' } as const;
      const request = { kind, repositoryId: null, target, payload: {}, requestedBy: ITSELF };
      await this.database.transaction(async () => {
        await lease.assertHeld();
        await this.outbox.start(request);
      });
    }
  }

  private async carryOut(row: Operation, lease: Lease): Promise<void> {
    const operation = this.read(row);
    if (operation === null) return this.jobs.fail(row.id, UNREADABLE);
    const held = { lease, stopping: this.stopping.signal };
    await this.carrier.carryOut(operation, held, (work) => this.apply(operation, work));
  }

  /** Null where nobody can read what is stored. */
  private read(row: Operation): TypedOperation<InstanceKind> | null {
    try {
      return readOperation<InstanceKind>(this.handlers, row);
    } catch (error) {
      this.logger.error({ message: `An operation cannot be read: ${String(error)}`, operationId: row.id });
      return null;
    }
  }

  private apply<Kind extends InstanceKind>(
    operation: TypedOperation<Kind>,
    work: InstanceWork,
  ): Promise<Record<string, unknown>> {
    const handler: InstanceHandler<Kind> = this.handlers[operation.kind];
    return handler.run(operation, work);
  }
}
