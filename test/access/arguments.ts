import { type GraphQLArgument, type GraphQLInputField, getNamedType, isInputObjectType } from 'graphql';
import type { Document, Question } from './questions.ts';
import type { Subject } from './world.ts';

/** Values that stand in for those of the table, by the argument's place. */
export type Instead = Readonly<Record<string, unknown>>;

interface Line {
  /** Undefined leaves it out. */
  readonly value: (about: Subject, gives: string | null) => unknown;
  /** Whether it can name what is not for everyone: it must then be asked with what is another's, and what is missing. */
  readonly canName: 'something private' | 'nothing private';
}

const page = (place: string): Record<string, Line> => ({
  [`${place}(first)`]: { value: () => 10, canName: 'nothing private' },
  [`${place}(last)`]: { value: () => undefined, canName: 'nothing private' },
  [`${place}(after)`]: { value: () => undefined, canName: 'something private' },
  [`${place}(before)`]: { value: () => undefined, canName: 'something private' },
});

/** How each argument and input field is filled. One without a line fails the suite. */
const ARGUMENTS: Readonly<Record<string, Line>> = {
  'Query.node(id)': { value: idOf, canName: 'something private' },
  'Query.nodes(ids)': { value: (about, gives) => [idOf(about, gives)], canName: 'something private' },
  'Query.message(id)': { value: idOf, canName: 'something private' },
  'Query.user(username)': { value: ({ owner }) => owner.name, canName: 'nothing private' },
  'Query.conversation(with)': { value: ({ peer }) => peer.id, canName: 'something private' },
  ...page('Query.conversations'),
  ...page('Conversation.messages'),
  'Query.messageReport(since)': { value: () => '2000-01-01T00:00:00Z', canName: 'nothing private' },
  'Query.messageReport(until)': { value: () => '2200-01-01T00:00:00Z', canName: 'nothing private' },
  'Query.messageReport(interval)': { value: () => 'MONTH', canName: 'nothing private' },
  'SendMessageInput.receiverId': { value: ({ peer }) => peer.id, canName: 'nothing private' },
  'SendMessageInput.messageText': { value: ({ sent }) => sent.messageText, canName: 'nothing private' },
  'SendMessageInput.idempotencyKey': { value: ({ sent }) => sent.key, canName: 'something private' },
  'MarkConversationReadInput.with': { value: ({ peer }) => peer.id, canName: 'something private' },
  'MarkConversationReadInput.upTo': { value: ({ ids }) => ids['Message'], canName: 'something private' },
  'Subscription.inbox(after)': { value: ({ start }) => start, canName: 'something private' },
};

/** All that has a line. */
export const FILLED: readonly string[] = Object.keys(ARGUMENTS);

export const CAN_NAME_PRIVATE: readonly string[] = FILLED.filter(
  (place) => ARGUMENTS[place]?.canName === 'something private',
);

/** @throws with a sentence that says what to add, when there is none. */
function idOf({ ids }: Subject, type: string | null): string {
  const id = ids[type ?? ''];
  if (id === undefined)
    throw new Error(`The world has no id of a ${type}: add one to a Subject's ids in test/access/world.ts.`);
  return id;
}

/** The question's variables when it is asked about `about`. */
export function variablesOf({ parameters }: Document, about: Subject, instead: Instead = {}) {
  return Object.fromEntries(
    parameters.map(({ variable, place, argument, gives }) => [
      variable,
      fill(place, argument, about, gives, instead),
    ]),
  );
}

function fill(
  place: string,
  { type }: GraphQLArgument | GraphQLInputField,
  about: Subject,
  gives: string | null,
  instead: Instead,
): unknown {
  if (Object.hasOwn(instead, place)) return instead[place];
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return lineOf(place).value(about, gives);
  const fields = Object.values(named.getFields());
  return Object.fromEntries(
    fields.map((field) => [field.name, fill(`${named.name}.${field.name}`, field, about, gives, instead)]),
  );
}

/** The places in the table that filling it takes. */
export function placesOf({ parameters }: Pick<Question, 'parameters'>): string[] {
  return parameters.flatMap(({ place, argument }) => placesIn(place, argument));
}

function placesIn(place: string, { type }: GraphQLArgument | GraphQLInputField): string[] {
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return [place];
  return Object.values(named.getFields()).flatMap((field) => placesIn(`${named.name}.${field.name}`, field));
}

/** What to do about an argument or input field without a line. */
export function adviceOnArgument(place: string): string {
  return `${place} has no line in ARGUMENTS of test/access/arguments.ts: add one that says what to ask it with, and whether it can name something private.`;
}

function lineOf(place: string): Line {
  const line = ARGUMENTS[place];
  if (line === undefined) throw new Error(adviceOnArgument(place));
  return line;
}
