/** As long as a short message of a person. */
const TEXT_LENGTH = 80;

/** A message's text, with its number in it. */
export function writeText(number: number): string {
  return `${number} `.padEnd(TEXT_LENGTH, '.');
}

export function readNumber(text: string): number {
  return Number.parseInt(text, 10);
}
