import { decodeOpaque, opaqueEncoder, SEPARATOR } from '../lib/opaque.ts';
import { BadUserInput } from './errors.ts';
import { type Position, parsePosition, type UserId } from './ids.ts';

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;

/** Relay's arguments, as clients give them (https://relay.dev/graphql/connections.htm#sec-Arguments). */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** A checked request for part of a list that runs from new to old. */
export interface PageRequest {
  /** `forward`: the first `limit` after `after`; `backward`: the last `limit` before `before`. */
  readonly direction: 'forward' | 'backward';
  readonly limit: number;
  readonly after: Position | null;
  readonly before: Position | null;
}

/** Part of a list, newest first, and whether anything stands beyond either end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/** Which list a cursor belongs to: all conversations of a viewer, or the messages with one peer. */
export type ListScope =
  | readonly ['conversations', viewer: UserId]
  | readonly ['messages', viewer: UserId, peer: UserId];

export function encodeCursor(scope: ListScope, position: Position): string {
  return cursorEncoder(scope)(position);
}

/** Encodes the cursors of one list. */
export function cursorEncoder(scope: ListScope): (position: Position) => string {
  const encode = opaqueEncoder(...scope);
  return ({ createdAt, number }) => encode(`${createdAt}${SEPARATOR}${number}`);
}

/** @throws BadUserInput when an argument is out of range, two contradict, or a cursor is not of this list. */
export function pageRequest(scope: ListScope, args: PageArguments): PageRequest {
  const { first, last } = args;
  if (first != null && last != null)
    throw new BadUserInput(
      'last',
      'Give either first or last, not both: a page is cut from one end of the list.',
    );
  return {
    direction: last == null ? 'forward' : 'backward',
    limit: last == null ? pageSize('first', first) : pageSize('last', last),
    after: decodeCursor(scope, 'after', args.after),
    before: decodeCursor(scope, 'before', args.before),
  };
}

function pageSize(argument: 'first' | 'last', size: number | null | undefined): number {
  if (size == null) return DEFAULT_PAGE_SIZE;
  if (size >= 1 && size <= MAX_PAGE_SIZE) return size;
  throw new BadUserInput(argument, `${argument} takes a number from 1 to ${MAX_PAGE_SIZE}, not ${size}.`);
}

function decodeCursor(scope: ListScope, argument: 'after' | 'before', cursor: string | null | undefined) {
  if (cursor == null) return null;
  const parts = decodeOpaque(cursor) ?? [];
  const ofThisList = parts.length === scope.length + 2 && scope.every((part, i) => parts[i] === String(part));
  const position = ofThisList ? parsePosition(parts.at(-2), parts.at(-1)) : null;
  if (position === null)
    throw new BadUserInput(argument, `${argument} takes a cursor that this same list has given before.`);
  return position;
}
