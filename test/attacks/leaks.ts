import { TEST_SECRET } from '../support/server.ts';
import { INTERNALS } from '../support/transports.ts';
import { PRIVATE, SPOKEN } from './people.ts';
import type { Target } from './target.ts';

const TOKEN = /eyJ[\w-]{10,}\.[\w-]{10,}/;
const SQL = /\b(SELECT|INSERT INTO|DELETE FROM|UPDATE) /;
const ERROR_LEVEL = 50;
const MAX_SHOWN = 200;

/** What the server has shown to clients and written to its log, from where one was last looked at. */
export class LeakDetector {
  readonly #target: Target;
  #linesSeen = 0;

  constructor(target: Target) {
    this.#target = target;
  }

  /** @returns each leak since the last time, as "a token in the log: …". */
  find(): string[] {
    const lines = this.#target.node.log.slice(this.#linesSeen);
    this.#linesSeen += lines.length;
    const shown = this.#target.heard.splice(0);
    return [...shown.flatMap((text) => leaksInAnswer(text)), ...lines.flatMap((line) => leaksInLog(line))];
  }
}

function leaksInAnswer(text: string): string[] {
  return [
    ...secretsIn(text),
    ...(text.includes(PRIVATE) ? ["other people's message"] : []),
    // GraphiQL's page carries its own code, which speaks of much.
    ...(!/^\s*<!doctype html>/.test(text) && INTERNALS.test(text) ? ['the inside'] : []),
  ].map((what) => `${what} in an answer: ${excerpt(text)}`);
}

function leaksInLog(line: string): string[] {
  return [
    ...secretsIn(line),
    ...(line.includes(PRIVATE) || line.includes(SPOKEN) ? ['message text'] : []),
    ...(SQL.test(line) ? ['SQL'] : []),
    ...(line.includes('"stack":') ? ['a stack'] : []),
    ...(line.startsWith('{') && JSON.parse(line).level >= ERROR_LEVEL ? ['an unexpected fault'] : []),
  ].map((what) => `${what} in the log: ${excerpt(line)}`);
}

function secretsIn(text: string): string[] {
  return [
    ...(text.includes(TEST_SECRET) ? ['the secret of tokens'] : []),
    ...(text.includes('postgresql://') || text.includes('postgres://') ? ["the database's address"] : []),
    ...(TOKEN.test(text) ? ['a token'] : []),
  ];
}

function excerpt(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)} …` : text;
}
