import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GraphQLID, type GraphQLLeafType, GraphQLString, isLeafType, isObjectType } from 'graphql';
import { Run } from '../../../src/edge/compiled/run.ts';
import { type FieldFacts, leafWriter, mustNotBe, writeNull } from '../../../src/edge/compiled/write-leaf.ts';
import { schema } from '../../../src/schema/schema.ts';

function written(type: GraphQLLeafType, value: unknown, facts: FieldFacts = {}): string {
  return new Run({}, {}).executeAtOnce(leafWriter(type, facts, writeNull), value);
}

const SPECIAL = ['', '"', '\\', '\n', '\0', '\u007f', '\u2028', '\ud800', '\udc00', '\u{1F44B}', 'é'];

test('any text is written as JSON has it', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...SPECIAL));
  fc.assert(
    fc.property(text, text, (one, other) => {
      for (const each of [one, other + one])
        for (const type of [GraphQLString, GraphQLID]) expect(written(type, each)).toBe(JSON.stringify(each));
    }),
  );
  // The case means something: each of these is a text, and stands in the middle of another, too.
  for (const each of SPECIAL) expect(written(GraphQLString, `a${each}b`)).toBe(JSON.stringify(`a${each}b`));
});

test('where nothing is, null is written, or refused', () => {
  for (const absent of [null, undefined]) {
    expect(written(GraphQLString, absent)).toBe('null');
    expect(() => leafWriter(GraphQLString, {}, mustNotBe)(new Run({}, {}), absent)).toThrow();
  }
});

test('only what the server makes of digits, letters and a few signs is said to need no escapes', () => {
  const claimed = Object.values(schema.getTypeMap()).flatMap((type) => {
    if (isLeafType(type)) return (type.extensions as FieldFacts).isPlainText ? [type.name] : [];
    if (!isObjectType(type)) return [];
    const fields = Object.values(type.getFields());
    return fields.flatMap(({ name, extensions }) =>
      (extensions as FieldFacts).isPlainText ? [`${type.name}.${name}`] : [],
    );
  });
  expect(claimed.sort()).toEqual([
    'Conversation.id',
    'ConversationEdge.cursor',
    'DateTime',
    'Message.id',
    'MessageEdge.cursor',
    'User.id',
  ]);
});
