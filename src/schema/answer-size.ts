import type { GraphQLField } from 'graphql';

/** What limits on answers have to know of a field, beside its type; a field says so in its `extensions`. */
export interface AnswerSize {
  /** How many one-word values a value of it is worth; 1 where nothing is said. */
  readonly values?: number;
  /** How many a list of it has at most; as many as a page where nothing is said. */
  readonly items?: number;
}

export function answerSize({ extensions }: GraphQLField<unknown, unknown>): AnswerSize {
  return extensions;
}
