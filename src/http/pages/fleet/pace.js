/**
 * A function that runs `work` at once, and then at most once in so many milliseconds, however often it is called: what comes
 * meanwhile is done by one run at the end. Runs are one after the other; it ends with `signal`.
 */
export function atMostEvery(milliseconds, signal, work) {
  let isBusy = false;
  let again = false;
  const run = async () => {
    if (signal.aborted) return;
    if (isBusy) {
      again = true;
      return;
    }
    isBusy = true;
    again = false;
    const rest = new Promise((resolve) => setTimeout(resolve, milliseconds));
    try {
      await work();
    } finally {
      await rest;
      isBusy = false;
      if (again) void run();
    }
  };
  return () => void run();
}
