import { describe, expect, test } from '@jest/globals';
import { buildSchema, extendSchema, parse, printSchema, validate } from 'graphql';
import { schema } from '../../src/schema/schema.ts';
import { complaintsAbout, fieldsOf } from './coverage.ts';
import { alone, questionsOf, together } from './questions.ts';
import { Secrets } from './secrets.ts';

const QUESTIONS = questionsOf(schema);
const FEWEST_FIELDS = 55;
const FEWEST_QUESTIONS = 340;

describe('the schema', () => {
  test('has nothing that the policy or the arguments lack, and the other way round', () => {
    expect(complaintsAbout(schema)).toEqual([]);
  });

  test(`has each of its ${fieldsOf(schema).length} fields asked for, in ${QUESTIONS.length} ways`, () => {
    expect(fieldsOf(schema).length).toBeGreaterThanOrEqual(FEWEST_FIELDS);
    expect(QUESTIONS.length).toBeGreaterThanOrEqual(FEWEST_QUESTIONS);
  });

  test('takes each document, alone and with others', () => {
    const documents = [...alone(QUESTIONS), ...together(QUESTIONS)];
    expect(documents.flatMap(({ query }) => validate(schema, parse(query)))).toEqual([]);
  });

  test('would have to tell who may see what is new in it, and how to ask', () => {
    const later = extendSchema(
      schema,
      parse(`
        extend type Message { reactions(first: Int): [Reaction!]! }
        type Reaction { emoji: String! }
        extend input SendMessageInput { replyTo: ID }
      `),
    );
    expect(complaintsAbout(later)).toEqual([
      'Message.reactions has no line in POLICY of test/access/policy.ts: add one that says who may see it.',
      'Reaction.emoji has no line in POLICY of test/access/policy.ts: add one that says who may see it.',
      'Message.reactions(first) has no line in ARGUMENTS of test/access/arguments.ts: add one that says what to ask it with, and whether it can name something private.',
      'SendMessageInput.replyTo has no line in ARGUMENTS of test/access/arguments.ts: add one that says what to ask it with, and whether it can name something private.',
    ]);
  });

  test('would have to lose its line here with a field, and with an argument', () => {
    const earlier = printSchema(schema)
      .replace(/"""[\s\S]*?"""/g, '')
      .replace('  peer: User!\n', '')
      .replace('  idempotencyKey: String\n', '');
    expect(complaintsAbout(buildSchema(earlier))).toEqual([
      'Conversation.peer is not in the schema: take its line out of POLICY in test/access/policy.ts.',
      'SendMessageInput.idempotencyKey is not in the schema: take its line out of ARGUMENTS in test/access/arguments.ts.',
    ]);
  });
});

describe('a secret', () => {
  const secrets = new Secrets();
  secrets.keep('what alice wrote', [1, 2]);
  secrets.keep('2026-11-22T10:00:00.123456Z', [1, 2]);
  const id = Buffer.from('Message:2026-11-22T10:00:00.123456Z/7').toString('base64url');

  test('is found wherever it stands', () => {
    expect(secrets.leaksIn('{"a":{"b":["what alice wrote"]}}', 3)).toEqual(['what alice wrote']);
    expect(secrets.leaksIn('x-debug: what alice wrote', null)).toEqual(['what alice wrote']);
  });

  test('is found inside an id or a cursor', () => {
    expect(secrets.leaksIn(`{"errors":[{"message":"no ${id}"}]}`, 3)).toEqual([
      '2026-11-22T10:00:00.123456Z',
    ]);
  });

  test('is none to those who may know it, nor to who has sent it themselves', () => {
    expect(secrets.leaksIn('"what alice wrote"', 2)).toEqual([]);
    expect(secrets.leaksIn(`no ${id}`, 3, [id])).toEqual([]);
  });
});
