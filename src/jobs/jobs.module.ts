import { Outbox } from './outbox.js';

/** In every process: changes leave the work they cause. */
export const outboxProviders = [Outbox];
