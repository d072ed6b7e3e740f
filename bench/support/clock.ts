/** Milliseconds since 1970, with their fractions; the processes of one machine agree about it. */
export const now = () => performance.timeOrigin + performance.now();
