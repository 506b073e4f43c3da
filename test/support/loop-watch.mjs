import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into a program before it starts. At SIGUSR2 it prints how long the program's event loop has stood still since the
 * signal before: by the clock, and by the processor time that its main thread took for it (Linux), which no other process
 * on a busy machine adds to.
 */
if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let before = used();
  let most = 0;
  setInterval(() => {
    const now = used();
    most = Math.max(most, now - before);
    before = now;
  }, 5).unref();
  process.on('SIGUSR2', () => {
    console.log(`LOOP ${JSON.stringify({ clockMs: delay.max / 1e6, cpuMs: most })}`);
    delay.reset();
    [before, most] = [used(), 0];
  });
}

/** Milliseconds on a processor of the main thread alone. */
function used() {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return performance.now();
  }
}
