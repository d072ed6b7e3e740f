import { GraphQLID, type GraphQLLeafType, GraphQLString } from 'graphql';
import type { Run, Write } from './run.ts';

/** What a field or a scalar says of its values, in its `extensions`. */
export interface FieldFacts {
  /** JSON has these texts as they are, between quotation marks. */
  readonly isPlainText?: boolean;
  /** They are made of the object, which does not change, and of nothing else. */
  readonly isOfObjectAlone?: boolean;
}

/** Writes what there is where a resolver gave nothing. @throws where there must be something. */
export type WriteAbsent = (run: Run) => void;

export function writeNull(run: Run): void {
  run.write('null');
}

export function mustNotBe(): never {
  throw new Error('null where there must be something');
}

/** What JSON does not have as it is; half of a surrogate pair may be without the other. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes these.
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

/** Makes what writes a value of this type. It throws where graphql would answer with an error. */
export function leafWriter(type: GraphQLLeafType, facts: FieldFacts, writeAbsent: WriteAbsent): Write {
  const isPlainText = facts.isPlainText === true || (type.extensions as FieldFacts).isPlainText === true;
  // What is text already is what `serialize` makes of it.
  const keepsText = isPlainText || type === GraphQLString || type === GraphQLID;
  return (run, value) => {
    if (typeof value === 'string' && keepsText) {
      // A look takes half the time of `JSON.stringify`, for which most texts have no need.
      run.write(isPlainText || !ESCAPED.test(value) ? `"${value}"` : JSON.stringify(value));
    } else if (value === null || value === undefined) writeAbsent(run);
    else {
      const serialized = type.serialize(value);
      if (serialized === null || serialized === undefined) throw new Error(`no ${type.name}`);
      run.write(JSON.stringify(serialized));
    }
  };
}
