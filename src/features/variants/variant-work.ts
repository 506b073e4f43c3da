import { Injectable } from '@nestjs/common';
import { Outbox } from '../../jobs/outbox.js';
import { INSTANCE_SCOPE } from '../../jobs/work-scope.js';
import { currentContext } from '../../logging/request-context.js';

/** Who asks for operations that no user has asked for. */
const ITSELF = 'pkgserver:worker';

/** Has a worker look at the variants that are due. */
@Injectable()
export class VariantWork {
  constructor(private readonly outbox: Outbox) {}

  /** Call it in the transaction that makes them due. */
  async start(): Promise<void> {
    const target = { type: 'Instance', id: INSTANCE_SCOPE, name: 'pkgserver' } as const;
    const requestedBy = currentContext().actor ?? ITSELF;
    await this.outbox.start({ kind: 'variants', repositoryId: null, target, payload: {}, requestedBy });
  }
}
