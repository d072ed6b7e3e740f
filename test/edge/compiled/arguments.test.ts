import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type FieldNode,
  GraphQLID,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  getArgumentValues,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { argumentsOf } from '../../../src/edge/compiled/arguments.ts';

const type = new GraphQLObjectType({
  name: 'T',
  fields: {
    field: {
      type: GraphQLInt,
      args: {
        one: { type: GraphQLInt },
        five: { type: GraphQLInt, defaultValue: 5 },
        id: { type: GraphQLID },
        must: { type: new GraphQLNonNull(GraphQLInt) },
        sure: { type: new GraphQLNonNull(GraphQLInt), defaultValue: 7 },
        many: { type: new GraphQLList(GraphQLInt) },
      },
    },
  },
});
const field = type.getFields()['field'];
if (field === undefined) throw new Error('no field');

const CONSTANTS = ['1', '-2', '"x"', 'true', 'null', '[1, 2]', '[1, $a]', '99999999999'];
const VARIABLES = ['$a', '$b', '$toString'];

/** What graphql gives, or the error that it throws. */
function outcome(give: () => unknown): unknown {
  try {
    return { ...(give() as object) };
  } catch (error) {
    return (error as Error).message;
  }
}

test('arguments are what graphql makes of them, errors too', () => {
  let [good, bad] = [0, 0];
  const argument = fc.option(fc.constantFrom(...CONSTANTS, ...VARIABLES, ...VARIABLES), { nil: null });
  fc.assert(
    fc.property(
      fc.array(argument, { minLength: 6, maxLength: 6 }),
      fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom<unknown>(0, 3, 'y', null, undefined, [4])),
      (given, variables) => {
        const texts = field.args.flatMap(({ name }, i) => (given[i] === null ? [] : `${name}: ${given[i]}`));
        const text = texts.length === 0 ? '{ field }' : `{ field(${texts.join(', ')}) }`;
        const [operation] = parse(text).definitions as readonly [OperationDefinitionNode];
        const [node] = operation.selectionSet.selections as readonly [FieldNode];
        const expected = outcome(() => getArgumentValues(field, node, variables));
        expect(outcome(() => argumentsOf(field, node)(variables))).toEqual(expected);
        if (typeof expected === 'string') bad++;
        else good++;
      },
    ),
    { numRuns: 5_000 },
  );
  expect(Math.min(good, bad)).toBeGreaterThan(100);
});
