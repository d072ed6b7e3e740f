import { type Instead, variablesOf } from './arguments.ts';
import type { Connection, Enough, Exchange } from './exchange.ts';
import { type Document, type Question, valuesIn } from './questions.ts';
import { type Secrets, textsIn } from './secrets.ts';
import type { Subject, Viewer } from './world.ts';

/** How many questions wait for their answers at a time. */
const CONCURRENCY = 16;

export interface Circumstances {
  /** Other values for some arguments. */
  readonly instead?: Instead;
  /** All at a time, as subscriptions that nothing happens to would keep the others waiting. */
  readonly concurrency?: number;
  readonly enough?: Enough;
}

/** What an answer ought to be; `null` when it is that. */
export type Judge = (
  question: Question,
  about: Subject,
  outcome: string,
  exchange: Exchange,
) => string | null;

/** Who asks what, about what, of whom. */
export interface Inquiry {
  readonly connection: Connection;
  readonly viewer: Viewer;
  readonly documents: readonly Document[];
  readonly about: (question: Question) => readonly Subject[];
  readonly secrets: Secrets;
}

/** Asks everything. @returns how many questions were answered, and a line for each answer that is wrong or tells a secret. */
export async function inquire(
  { connection, viewer, documents, about, secrets }: Inquiry,
  judge: Judge,
  { instead, concurrency = CONCURRENCY, enough }: Circumstances = {},
): Promise<{ readonly answered: number; readonly faults: readonly string[] }> {
  const all = documents.flatMap((document) =>
    about(document.questions[0]).map((subject) => ({ document, subject })),
  );
  let answered = 0;
  const faults = await forEach(all, concurrency, async ({ document, subject }) => {
    const variables = variablesOf(document, subject, instead);
    const exchange = await connection.ask({ query: document.query, variables }, enough);
    if (exchange.answers.length > 0) answered += document.questions.length;
    const wrong = document.questions.flatMap((question) => {
      const fault = judge(question, subject, outcomeOf(question, exchange), exchange);
      return fault === null ? [] : [`${question.name}: ${fault}`];
    });
    const leaks = leaksIn(secrets, viewer, exchange, variables).map((secret) => `leaks ${secret}`);
    return [...wrong, ...leaks].map(
      (fault) => `${fault}, to ${document.query} of ${subject.owner.name}'s: ${exchange.body.slice(0, 300)}`,
    );
  });
  return { answered, faults };
}

/** What has come of it: `shown`, `nothing`, or the codes of the errors; several of these, if so it is. */
function outcomeOf(question: Question, { answers }: Exchange): string {
  const codes = answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.code));
  const shown = valuesIn(question, answers).length > 0 ? ['shown'] : [];
  return [...new Set([...codes, ...shown])].join(' and ') || 'nothing';
}

/** All secrets in an answer that are not for its reader, who had `given` some of what is in it. */
export function leaksIn(secrets: Secrets, { row }: Viewer, exchange: Exchange, given: unknown): string[] {
  return secrets.leaksIn(`${JSON.stringify(exchange.headers)}\n${exchange.body}`, row, textsIn(given));
}

async function forEach<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  act: (item: Item) => Promise<readonly Result[]>,
): Promise<Result[]> {
  const results: (readonly Result[])[] = [];
  const rest = [...items.entries()];
  async function work() {
    for (let next = rest.shift(); next !== undefined; next = rest.shift())
      results[next[0]] = await act(next[1]);
  }
  await Promise.all(Array.from({ length: concurrency }, work));
  return results.flat();
}
