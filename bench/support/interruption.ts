const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs something that must tidy up behind itself, and has to give up soon when the signal tells of an interruption by
 * the person or the system. @throws "Interrupted." then, whatever it throws itself
 */
export async function untilInterrupted<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Error('Interrupted.'));
  for (const signal of SIGNALS) process.once(signal, interrupt);
  try {
    return await work(interruption.signal);
  } catch (error) {
    // What failed was ended, too: that is not what the person wants to read.
    interruption.signal.throwIfAborted();
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}
