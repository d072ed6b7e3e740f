import { describe } from '@jest/globals';

/** `describe`, unless something is missing here: then the suite is skipped, and it is said why. */
export function describeUnless(missing: string | null, what: string): typeof describe | typeof describe.skip {
  if (missing === null) return describe;
  process.stderr.write(`${what} not tested: ${missing}\n`);
  return describe.skip;
}
