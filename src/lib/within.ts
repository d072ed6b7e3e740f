/** There was no answer in time. */
export class TookTooLong extends Error {}

/**
 * What `work` gives, unless that takes longer than `milliseconds`. An answer that is there by then is not late, though this
 * process may have been too busy to read it: that happens before what is set for immediately. @throws TookTooLong
 */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new TookTooLong(`no answer within ${milliseconds} ms`));
    timer = setTimeout(() => setImmediate(giveUp), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
