import { QueryTooComplex } from './errors.ts';

/** How much of messages' texts one operation may load, or show. */
export class TextBudget {
  #left: number;

  /** @param maxCharacters in JavaScript's units: an emoji is two */
  constructor(private readonly maxCharacters: number) {
    this.#left = maxCharacters;
  }

  /** @returns the text. @throws QueryTooComplex when it is one too many. */
  take(text: string): string {
    this.#left -= text.length;
    this.check();
    return text;
  }

  /** @throws QueryTooComplex when it has been overspent. */
  check(): void {
    if (this.#left < 0)
      throw new QueryTooComplex(
        `An answer may have at most ${this.maxCharacters} characters of messages: ask for smaller pages.`,
      );
  }
}
