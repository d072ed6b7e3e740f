/**
 * So that nobody who waits for a transaction's locks waits for the disk, too, when it is committed. All who commit later carry
 * it along: a server that crashes before loses it whole, and nothing that builds on it stays.
 */
export const NO_FLUSH = 'SET LOCAL synchronous_commit = off';

/** A transaction that writes nothing but a line of the log, and so takes all that was committed before to the disk. */
export const FLUSH = `SELECT pg_logical_emit_message(true, 'parley', '')`;
