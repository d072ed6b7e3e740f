/**
 * Rejects at a signal to stop; whoever races work against it can take back what would outlive this process. Further signals
 * change nothing, as npm passes on the Ctrl-C that the terminal has sent already.
 */
export function interruption(): Promise<never> {
  const interrupted = new Promise<never>((_, reject) => {
    // SIGHUP: the terminal was closed.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => reject(new Error(`stopped by ${signal}`)));
    }
  });
  // Nobody may be waiting yet.
  interrupted.catch(() => {});
  return interrupted;
}
