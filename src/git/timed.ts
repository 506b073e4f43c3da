import { joinSignals } from '../async/join-signals.js';
import { DEFAULT_OVERALL_TIMEOUT_MS, type GitOperation, type GitOptions } from './git-options.js';
import { GitError, type GitErrorCode } from './port.js';

/** Does the work within the time that an operation may take, under the caller's signal, and tells how long it took. */
export async function timed<T>(
  options: Pick<GitOptions, 'onTiming' | 'overallTimeoutMs'>,
  operation: GitOperation,
  caller: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const report = (outcome: 'ok' | GitErrorCode) =>
    options.onTiming?.(operation, (performance.now() - started) / 1000, outcome);
  const deadline = new AbortController();
  const { signal, leave } = joinSignals(deadline.signal, ...(caller ? [caller] : []));
  const stop = () => deadline.abort(new GitError('timeout', 'The remote takes too long.'));
  const timer = setTimeout(stop, options.overallTimeoutMs ?? DEFAULT_OVERALL_TIMEOUT_MS);
  try {
    signal.throwIfAborted();
    const result = await work(signal);
    report('ok');
    return result;
  } catch (error) {
    if (error instanceof GitError) report(error.code);
    throw error;
  } finally {
    clearTimeout(timer);
    leave();
  }
}
