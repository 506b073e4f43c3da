import type { Provider } from '@nestjs/common';
import { Glance } from '../database/glance.js';
import { EndedHere } from './ended-here.js';
import { Endings } from './endings.js';
import { AloneRunner } from './alone/alone-runner.js';
import { AloneStore } from './alone/alone.store.js';
import { Carrier } from './instance/carrier.js';
import { InstanceRunner } from './instance/instance-runner.js';
import { InstanceStore } from './instance/instance.store.js';
import { JobStore } from './job.store.js';
import { Leases } from './lease.js';
import { OperationTraces } from './operation-traces.js';
import { Outbox } from './outbox.js';
import { Worker } from './worker.js';

/** In every process: changes leave the work they cause, and may wait for its end. */
export const outboxProviders: Provider[] = [Outbox, EndedHere];

/** In worker processes. Needs RUNNERS, INSTANCE_HANDLERS and ALONE_HANDLERS beside it. */
export const workerProviders: Provider[] = [
  Worker,
  Glance,
  Leases,
  JobStore,
  Endings,
  OperationTraces,
  InstanceStore,
  Carrier,
  InstanceRunner,
  AloneStore,
  AloneRunner,
];
