import { expect, describe, it } from 'vitest';
import { createLogger, humanLine, PinoLoggerService } from './logger.js';
import { withContext } from './request-context.js';

function capture(isTTY = false): { lines: string[]; service: PinoLoggerService; log: ReturnType<typeof createLogger> } {
  const lines: string[] = [];
  const log = createLogger('info', { isTTY, write: (line: string) => void lines.push(line) });
  return { lines, log, service: new PinoLoggerService(log) };
}

const only = (lines: string[]): Record<string, unknown> => {
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] as string) as Record<string, unknown>;
};

describe('the logger', () => {
  it('writes one JSON object a line, with the context of the request', () => {
    const { lines, service } = capture();
    withContext({ requestId: 'r-1', actor: 'ada' }, () => service.warn('Something\nhappened', 'Doorbell'));
    expect(only(lines)).toMatchObject({
      level: 'warn',
      msg: 'Something\nhappened',
      context: 'Doorbell',
      requestId: 'r-1',
      actor: 'ada',
    });
    expect(lines[0]?.trimEnd()).not.toContain('\n');
  });

  it.each(['password', 'token', 'privateKey', 'secret', 'authorization'])('never writes a field named %s', (key) => {
    const { lines, log } = capture();
    log.info({ [key]: 'hunter2', credential: { [key]: 'hunter2' }, request: { headers: { [key]: 'hunter2' } } }, 'x');
    expect(lines.join()).not.toContain('hunter2');
    expect(lines.join()).toContain('[redacted]');
  });

  it('keeps the stack of an error, however it was handed over', () => {
    const error = new Error('broken');
    for (const args of [[error], ['Failed', error], ['Failed', error.stack]] as [unknown, ...unknown[]][]) {
      const { lines, service } = capture();
      service.error(...args, 'Worker');
      expect(lines[0]).toContain('logger.test');
    }
  });

  it('takes fields beside a message', () => {
    const { lines, service } = capture();
    service.log({ message: 'Synced', repositoryId: '7' }, 'Worker');
    expect(only(lines)).toMatchObject({ msg: 'Synced', repositoryId: '7', context: 'Worker' });
  });

  it("keeps Nest's own start-up lines back", () => {
    const { lines, service } = capture();
    service.log('Mapped {/x, GET} route', 'RouterExplorer');
    expect(lines).toEqual([]);
  });

  it('writes lines for people to a terminal', () => {
    const { lines, service } = capture(true);
    service.log({ message: 'Synced', repositoryId: '7' }, 'Worker');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d info {2}Worker: Synced repositoryId="7"\n$/);
  });
});

it('shows the stack below the line', () => {
  const line = { time: '2026-01-01T10:15:02.000Z', level: 'error', msg: 'x', err: { stack: 'Error: x\n  at y' } };
  expect(humanLine(line)).toBe('10:15:02 error x\nError: x\n  at y');
});
