import { test } from '@jest/globals';

const isRoot = process.getuid?.() === 0;

/** Who runs the suite decides which of these cases there are; none is skipped. */
export const whenRoot = (...[name, run]: Parameters<typeof test>) => void (isRoot && test(name, run));
export const whenOrdinary = (...[name, run]: Parameters<typeof test>) => void (isRoot || test(name, run));
