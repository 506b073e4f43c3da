import { Controller, Get } from '@nestjs/common';
import { Endpoint } from '../http/endpoint.js';
import { Tag } from '../http/openapi/tags.js';
import { type Health, HealthResponse } from './health.schema.js';
import { HealthService } from './health.service.js';

@Tag('health')
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('live')
  @Endpoint({
    permission: 'public',
    summary: 'Whether the process runs',
    description: 'Looks at nothing else. A process that does not answer should be restarted.',
    returns: HealthResponse,
  })
  getLiveness(): Health {
    return { status: 'ok', checks: {} };
  }

  @Get('ready')
  @Endpoint({
    permission: 'public',
    summary: 'Whether requests can be served',
    description:
      'Looks at the database, the queue, and what workers lack on their machines. 503 with `checks` when the database is down or the process stops. ' +
      'Without the queue it is `degraded`, with 200: workers look into the database for their work. So it is while repositories wait because a disk ' +
      'is full or the like, and where this process lacks a sealing key: `checks` says what it is, and since when.',
    returns: HealthResponse,
    problems: ['unavailable'],
  })
  getReadiness(): Promise<Health> {
    return this.health.ready();
  }
}
