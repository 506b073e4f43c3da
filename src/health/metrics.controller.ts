import { Controller, Get } from '@nestjs/common';
import { Endpoint } from '../http/endpoint.js';
import { Tag } from '../http/openapi/tags.js';
import { RawContent } from '../http/reply.js';
import { Metrics } from '../logging/metrics.js';

@Tag('health')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @Endpoint({
    permission: 'metrics.read',
    summary: 'Metrics of this process',
    description: "In Prometheus' text format.",
    produces: { mediaTypes: ['text/plain'] },
  })
  async getMetrics(): Promise<RawContent> {
    return new RawContent(Buffer.from(await this.metrics.render()), { mediaType: this.metrics.mediaType });
  }
}
