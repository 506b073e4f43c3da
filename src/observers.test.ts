import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Metrics } from './logging/metrics.js';
import { noteRequest } from './observers.js';

const ENTRY = { requestId: 'r-1', traceId: undefined, actor: 'ada', method: 'GET', path: '/x', milliseconds: 1 };

afterEach(() => vi.restoreAllMocks());

describe('a request that was answered', () => {
  it.each([
    ['/api/v1/packages', 200, 'log'],
    ['/api/v1/packages', 500, 'log'],
    ['/api/v1/packages', 429, 'debug'],
    ['/health/ready', 200, 'debug'],
    ['/metrics', 200, 'debug'],
  ] as const)('%s with %i is told at the level %s, and counted', async (route, status, level) => {
    const told = vi.spyOn(Logger.prototype, level).mockReturnValue();
    const metrics = new Metrics();
    noteRequest({ ...ENTRY, route, status }, metrics);
    expect(told).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ requestId: 'r-1', status }));
    expect(await metrics.render()).toContain(
      `duration_seconds_count{method="GET",route="${route}",status="${status}"} 1`,
    );
  });
});
