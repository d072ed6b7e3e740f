/** Where in whose log a cursor stands. */
export interface Position {
  /** Within it, sequence numbers are given out once. */
  readonly epoch: string;
  readonly seq: number;
}

/**
 * Looks into a cursor, as clients must not: it is base64url of `inbox|user|epoch|sequence number|checksum`. Read here
 * once more and not with the server's own function, which is part of what is judged.
 * @throws when it is no cursor: such a history cannot be judged.
 */
export function positionOf(cursor: string): Position {
  const [kind, , epoch, seq] = Buffer.from(cursor, 'base64url').toString().split('|');
  if (kind !== 'inbox' || epoch === undefined || !/^\d+$/.test(seq ?? ''))
    throw new Error(`no cursor: ${cursor}`);
  return { epoch, seq: Number(seq) };
}
