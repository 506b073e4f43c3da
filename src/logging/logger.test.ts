import { expect, describe, it } from 'vitest';
import { createLogger, humanLine, type LogFormat, PinoLoggerService } from './logger.js';
import { withContext } from './request-context.js';

function capture(
  isTTY = false,
  format: LogFormat = 'auto',
): { lines: string[]; service: PinoLoggerService; log: ReturnType<typeof createLogger> } {
  const lines: string[] = [];
  const log = createLogger('info', format, { isTTY, write: (line: string) => void lines.push(line) });
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

  it('names the trace of the work under way, and no span of it', () => {
    const { lines, service } = capture();
    const trace = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', sampled: true };
    withContext({ requestId: 'r-1', trace }, () => service.log('Something', 'Doorbell'));
    const { traceId, requestId, ...rest } = only(lines);
    expect({ traceId, requestId }).toEqual({ traceId: trace.traceId, requestId: 'r-1' });
    expect(rest).not.toHaveProperty('trace');
  });

  it.each(['password', 'token', 'privateKey', 'secret', 'authorization'])('never writes a field named %s', (key) => {
    const { lines, log } = capture();
    log.info({ [key]: 'hunter2', credential: { [key]: 'hunter2' }, request: { headers: { [key]: 'hunter2' } } }, 'x');
    expect(lines.join()).not.toContain('hunter2');
    expect(lines.join()).toContain('[redacted]');
  });

  it('hides what is secret in an error too', () => {
    const { lines, log } = capture();
    const error = Object.assign(new Error('broken'), { token: 'hunter2', config: { password: 'hunter2', port: 7 } });
    log.info({ err: error, repositoryId: '7' }, 'x');
    expect(lines.join()).not.toContain('hunter2');
    const config = { password: '[redacted]', port: 7 };
    const err = { type: 'Error', message: 'broken', token: '[redacted]', config };
    expect(only(lines)).toMatchObject({ err, repositoryId: '7' });
    expect(error.token).toBe('hunter2');
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

it('writes in the format that is asked for, whatever it writes to', () => {
  for (const isTTY of [true, false]) {
    const [json, pretty] = [capture(isTTY, 'json'), capture(isTTY, 'pretty')];
    json.service.log('x');
    pretty.service.log('x');
    expect(only(json.lines)).toMatchObject({ msg: 'x' });
    expect(pretty.lines).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d info {2}x\n$/)]);
  }
});

it('writes an error on one line for people, with what it says, the request and where it was thrown', () => {
  const { lines, service } = capture(false, 'pretty');
  withContext({ requestId: 'r-1' }, () => service.error('Request failed', new Error('broken\n  in two'), 'Http'));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(
    /^\d\d:\d\d:\d\d error Http: Request failed \(broken in two\) requestId="r-1" at .*logger\.test\.ts:\d+:\d+\)?\n$/,
  );
  const line = {
    time: '2026-01-01T10:15:02.000Z',
    level: 'error',
    msg: 'x',
    err: { message: 'x', stack: 'Error: x\n  at y' },
  };
  expect(humanLine(line)).toBe('10:15:02 error x at y');
});
