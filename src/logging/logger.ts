import { Writable } from 'node:stream';
import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Level, type Logger, pino } from 'pino';
import { currentContext } from './request-context.js';
import { withoutSecrets } from './without-secrets.js';

/** Nest's own chatter at the start; of interest only when Nest itself is in question. */
const FRAMEWORK = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

/** `auto`: for people on a terminal, else JSON. */
export type LogFormat = 'auto' | 'json' | 'pretty';

/** Writes JSON lines, or lines for people. Every line carries what {@link currentContext} holds. */
export function createLogger(
  level: string,
  format: LogFormat = 'auto',
  output: DestinationStream & { isTTY?: boolean } = process.stdout,
): Logger {
  const isPretty = format === 'pretty' || (format === 'auto' && output.isTTY === true);
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: loggedFields },
      serializers: { err: loggedError },
      mixin: contextFields,
    },
    isPretty ? humanReadable(output) : output,
  );
}

/** All but an error, of which {@link loggedError} makes fields later. */
function loggedFields({ err, ...fields }: Record<string, unknown>): Record<string, unknown> {
  const shown = withoutSecrets(fields) as Record<string, unknown>;
  if (err !== undefined) shown.err = err;
  return shown;
}

/** Its fields are below the line's own. */
const loggedError = (error: Error): unknown => withoutSecrets(pino.stdSerializers.err(error), 2);

/** Of the place in a trace the trace alone: that is what one looks for. */
function contextFields(): Record<string, unknown> {
  const { trace, ...fields } = currentContext();
  return trace === undefined ? fields : { ...fields, traceId: trace.traceId };
}

/** What `new Logger('Name')` of @nestjs/common writes to. A message may be an Error, or an object with a `message`. */
export class PinoLoggerService implements LoggerService {
  /** `failed` is told of each error, with the name of the part that met it. */
  constructor(
    private readonly logger: Logger,
    private readonly failed: (part: string) => void = () => undefined,
  ) {}

  log(message: unknown, ...rest: unknown[]): void {
    const framework = FRAMEWORK.has(String(rest.at(-1)));
    this.write(framework ? 'debug' : 'info', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  /** Nest puts the logger's name last, and before it what else the caller gave: an error's stack, or fields. */
  private write(level: Level, message: unknown, rest: unknown[]): void {
    const last = rest.at(-1);
    const context = typeof last === 'string' ? last : undefined;
    if (context !== undefined) rest.pop();
    if (level === 'error' || level === 'fatal') this.failed(context ?? 'pkgserver');
    const fields: Record<string, unknown> = context === undefined ? {} : { context };
    for (const extra of rest) {
      if (extra instanceof Error) fields.err = extra;
      else if (typeof extra === 'string') fields.stack = extra;
      else Object.assign(fields, extra);
    }
    if (message instanceof Error) this.logger[level]({ err: message, ...fields }, message.message);
    else if (typeof message === 'object' && message !== null) {
      const { message: text, ...more } = message as { message?: string };
      this.logger[level]({ ...fields, ...more }, text);
    } else this.logger[level](fields, String(message));
  }
}

interface Line {
  time: string;
  level: string;
  msg?: string;
  context?: string;
  err?: { type?: string; message?: string; stack?: string };
  stack?: string;
}

function humanReadable(output: DestinationStream): DestinationStream {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      output.write(`${humanLine(JSON.parse(chunk.toString()) as Line)}\n`);
      done();
    },
  });
}

/** `10:15:02 warn  Doorbell: message key=value`; of an error what it says, and where it was thrown. */
export function humanLine({ time, level, msg = '', context, err, stack, ...fields }: Line): string {
  const name = context === undefined ? '' : `${context}: `;
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  const said = err?.message === undefined || msg.includes(err.message) ? '' : ` (${err.message})`;
  const place = /\n\s+at (.+)/.exec(err?.stack ?? stack ?? '')?.[1];
  const text = `${name}${msg}${said}${pairs.join('')}${place === undefined ? '' : ` at ${place}`}`;
  return `${time.slice(11, 19)} ${level.padEnd(5)} ${text.replaceAll(/\s*\n\s*/g, ' ')}`;
}
