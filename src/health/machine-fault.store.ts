import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { MACHINE_REASONS } from '../domain/system-fault.js';

/** A fault of the machine of a worker, as the repositories tell of it that it could not read. */
export interface MachineFault {
  reason: string;
  message: string;
  since: Date;
}

@Injectable()
export class MachineFaultStore {
  constructor(private readonly database: Database) {}

  /** One for each reason, the oldest first. */
  async oldest(): Promise<MachineFault[]> {
    return this.database.client.$queryRaw<MachineFault[]>`
      SELECT ready ->> 'reason' AS reason, min(ready ->> 'message') AS message,
        min((ready ->> 'lastTransitionTime')::timestamptz) AS since
      FROM repository CROSS JOIN LATERAL jsonb_array_elements(conditions) AS ready
      WHERE ready ->> 'type' = 'Ready' AND ready ->> 'reason' = ANY (${[...MACHINE_REASONS]})
      GROUP BY 1 ORDER BY since`;
  }
}
