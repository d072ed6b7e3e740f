import { expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { getVariableValues, type OperationDefinitionNode, parse } from 'graphql';
import { variablesOf } from '../../../src/edge/compiled/variables.ts';
import { schema } from '../../../src/schema/schema.ts';

// Slow, not late: many drawn cases.
jest.setTimeout(90_000);

const TYPES = ['ID', 'ID!', 'String', 'String!', 'Int', 'Int!', 'Int = 5', 'Int! = 5', 'Boolean', 'Boolean!'];
const COMPOUND = ['Float', 'DateTime', '[ID!]!', 'SendMessageInput!'];

function definitionsOf(types: readonly string[]) {
  const variables = types.map((type, i) => `$v${i}: ${type}`).join(', ');
  const [operation] = parse(`query (${variables}) { viewer { id } }`).definitions;
  return (operation as OperationDefinitionNode).variableDefinitions ?? [];
}

const value = fc.oneof(
  fc.string(),
  fc.integer({ min: -2_147_483_650, max: 2_147_483_650 }),
  fc.constantFrom<unknown>(null, undefined, 0, -0, 1.5, 2_147_483_648, -2_147_483_648, 1e20, true, false),
  fc.constantFrom<unknown>([], ['1'], {}, { receiverId: 'x', messageText: 'y' }, '5', 'true'),
);

test('variables become what graphql makes of them, or nothing', () => {
  let [good, bad] = [0, 0];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...TYPES, ...COMPOUND), { minLength: 1, maxLength: 4 }),
      fc.array(fc.option(value, { nil: 'absent' }), { minLength: 4, maxLength: 4 }),
      (types, values) => {
        const definitions = definitionsOf(types);
        const given = Object.fromEntries(
          values.flatMap((each, i) => (each === 'absent' ? [] : [[`v${i}`, each]])),
        );
        const { coerced = null } = getVariableValues(schema, definitions, given);
        expect(variablesOf(schema, definitions)(given)).toEqual(coerced);
        if (coerced === null) bad++;
        else good++;
      },
    ),
    { numRuns: 3_000 },
  );
  expect(Math.min(good, bad)).toBeGreaterThan(100);
});

test('an operation without variables has none, whatever is given', () => {
  for (const given of [undefined, null, {}, { v0: 1 }]) expect(variablesOf(schema, [])(given)).toEqual({});
});

test('what an object inherits is not given', () => {
  expect(variablesOf(schema, definitionsOf(['ID!']))(Object.create({ v0: 'x' }))).toBeNull();
});
