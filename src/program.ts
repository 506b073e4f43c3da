import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { Logger } from '@nestjs/common';
import { readConfig, StartupError } from './config/config.js';
import { misspelt } from './config/misspelt.js';
import { messageOf } from './domain/message-of.js';
import { createLogger, PinoLoggerService } from './logging/logger.js';
import { Metrics } from './logging/metrics.js';
import { type Service, startService } from './service.js';

/** Beside `DRAIN_SECONDS`. A supervisor kills after ten seconds; the embedded PostgreSQL's watchdog tidies up in any case. */
const STOP_LIMIT_MS = 9_500;

// Left alone, V8 lets the heap grow to four times what is in use before it looks for what is not: a third more memory
// while a large repository is discovered, for no time that could be measured.
setFlagsFromString('--heap-growing-percent=50');

async function main(): Promise<void> {
  const config = readConfig();
  const metrics = new Metrics();
  Logger.overrideLogger(
    new PinoLoggerService(createLogger(config.logLevel, config.logFormat), (part) => metrics.errorLogged(part)),
  );
  const log = new Logger('pkgserver');
  for (const sentence of misspelt()) log.warn(sentence);

  let service: Service | undefined;
  const stopping = new AbortController();
  const stop = async (reason: string, exitCode: number) => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    log.log(`Stopping: ${reason}`);
    setTimeout(
      () => {
        log.error('Stopping took too long; the rest is cut off and taken up again at the next start.');
        process.exit(1);
      },
      config.drainSeconds * 1000 + STOP_LIMIT_MS,
    ).unref();
    // A start that this interrupts ends at its next step, and closes all that it has opened.
    await starting.catch(() => undefined);
    await service?.stop();
    log.log('Stopped');
    process.exit(exitCode);
  };
  process.on('SIGTERM', () => void stop('SIGTERM', 0));
  process.on('SIGINT', () => void stop('SIGINT', 0));
  process.on('unhandledRejection', (error) => log.error(error));

  const onDatabaseLost = () => {
    log.fatal('The embedded PostgreSQL ended unexpectedly.');
    void stop('the database is gone', 1);
  };
  const starting = startService(config, { onDatabaseLost, signal: stopping.signal, metrics });
  try {
    service = await starting;
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  }
}

main().catch((error: unknown) => {
  const sentence = messageOf(error);
  console.error(error instanceof StartupError ? sentence : `pkgserver could not start: ${sentence}`);
  process.exit(1);
});
