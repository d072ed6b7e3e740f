import { isDeepStrictEqual } from 'node:util';
import { rowOf } from '../contestants/naming.ts';

/** An answer without what every server may name in its own way. */
export type Canonical = unknown;

const READ: Readonly<Record<string, (value: string) => unknown>> = {
  id: rowOf,
  // Those who use Date have milliseconds.
  createdAt: (time) => new Date(time).getTime(),
  cursor: (cursor) => typeof cursor,
  endCursor: (cursor) => typeof cursor,
};

/** Ids as the rows' keys, times as milliseconds since 1970, cursors only as being there. */
export function canonical(answer: unknown): Canonical {
  return JSON.parse(JSON.stringify(answer), (key, value) =>
    value === null || READ[key] === undefined ? value : READ[key](value),
  );
}

/** @throws both, where they are not the same */
export function mustEqual(answer: Canonical, expected: unknown): void {
  const wanted = canonical(expected);
  if (isDeepStrictEqual(answer, wanted)) return;
  throw new Error(`expected ${shown(wanted)}\nnot      ${shown(answer)}`);
}

const SHOWN = 2_000;
const shown = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, SHOWN);
