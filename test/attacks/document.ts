import type { Attack } from './attack.ts';
import { ask } from './senders/http.ts';
import type { Target } from './target.ts';

export const TOO_COMPLEX = '400 QUERY_TOO_COMPLEX';
export const BAD_DOCUMENT = '400 BAD_USER_INPUT';

/** An attack by what a document says. */
export function document(
  name: string,
  query: string | ((target: Target) => string),
  expected: string | readonly string[],
): Attack {
  return {
    name,
    send: (target) => ask(target, typeof query === 'string' ? query : query(target)),
    expected,
  };
}

/** The same again and again, with its number. */
export function times(count: number, of: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => of(i)).join(' ');
}
