/** Ends early where `signal` aborts. */
export async function sleep(milliseconds, signal) {
  const over = new AbortController();
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const stop = () => resolve(clearTimeout(timer));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { signal: over.signal });
  });
  over.abort();
}
