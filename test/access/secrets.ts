/** Anything that may be text in base64url: global ids and cursors. */
const TOKEN = /[A-Za-z0-9_-]{12,}/g;

/** Texts that only some people may ever be given, whatever they ask: knows nothing of fields, types or rules. */
export class Secrets {
  readonly #knownTo = new Map<string, Set<number>>();

  /** @param people `users.id` of all who may be given it */
  keep(secret: string, people: readonly number[]): void {
    this.#knownTo.set(secret, new Set(people));
  }

  /**
   * The secrets in these bytes, also inside ids and cursors, that are not for `reader` (`users.id`).
   * @param given what the reader has sent, which tells them nothing
   */
  leaksIn(bytes: string, reader: number | null, given: readonly string[] = []): string[] {
    const news = given.reduce((rest, each) => rest.replaceAll(each, ''), bytes);
    const inside = (news.match(TOKEN) ?? []).map((token) => Buffer.from(token, 'base64url').toString());
    const all = [news, ...inside].join('\n');
    return [...this.#knownTo].flatMap(([secret, people]) =>
      all.includes(secret) && !(reader !== null && people.has(reader)) ? secret : [],
    );
  }
}

/** Every text in the variables. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
