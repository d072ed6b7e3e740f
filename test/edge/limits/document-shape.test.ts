import { expect, test } from '@jest/globals';
import { getIntrospectionQuery, parse } from 'graphql';
import { checkShape } from '../../../src/edge/limits/document-shape.ts';
import { QueryTooComplex } from '../../../src/messaging/errors.ts';

const LIMITS = { maxDepth: 4, maxAliases: 3, maxDirectives: 2, maxFieldRepeats: 3 };
const LOOSE = { maxDepth: 100, maxAliases: 100, maxDirectives: 100, maxFieldRepeats: 100 };

const check = (text: string, limits = LIMITS) => checkShape(parse(text), limits);

const AT_THE_LIMIT = [
  ['depth', '{ a { b { c { d } } } }', '{ a { b { c { d { e } } } } }'],
  [
    'depth through fragments',
    '{ a { ...F } } fragment F on T { b { ... on T { c { d } } } }',
    '{ a { ...F } } fragment F on T { b { ... on T { c { d { e } } } } }',
  ],
  ['aliases', '{ a: x b: y c { d: z } }', '{ a: x b: y c { d: z e: z } }'],
  [
    'aliases in a fragment used twice',
    '{ p { ...F } ...F } fragment F on T { a: x }',
    '{ p { ...F } q { ...F } ...F } fragment F on T { a: x b: y }',
  ],
  ['directives', 'query @d { a @d }', 'query @d { a @d ... @d { b } }'],
  ['directives on a variable', 'query ($v: Int @d) { a @d }', 'query ($v: Int @d @d) { a @d }'],
  ['a field again', '{ a a a }', '{ a a a a }'],
  ['a field under aliases', '{ x: a y: a a }', '{ x: a y: a a ... { a } }'],
  [
    'a fragment again',
    '{ ...F ...F ...F } fragment F on T { a }',
    '{ ...F ...F ...F ...F } fragment F on T { a }',
  ],
] as const;

test.each(AT_THE_LIMIT)('as much as is allowed of %s passes, and one more does not', (_, most, more) => {
  check(most);
  expect(() => check(more)).toThrow(QueryTooComplex);
});

test('what one operation has does not count for another in the same document', () => {
  check('query A { a: x b: y c: z } query B { a: x b: y c: z }');
  expect(() => check('query A { a } query B { a: x b: y c: z d: w }')).toThrow(QueryTooComplex);
});

test('fragments that double each other thirty times are counted in full, at once', () => {
  const doubling = Array.from(
    { length: 30 },
    (_, i) => `fragment F${i} on T { a { ...F${i + 1} } b { ...F${i + 1} } }`,
  );
  const document = `{ ...F0 } ${doubling.join(' ')} fragment F30 on T { x: y }`;
  expect(() => check(document, LOOSE)).toThrow('at most 100 aliases');
});

test('a fragment that leads to itself, and one that is not there, are left to validation', () => {
  check('{ ...F } fragment F on T { a { ...F } }');
  check('{ ...Nowhere }');
});

test("the introspection of graphql's own tools passes the default bounds", () => {
  check(getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, oneOf: true }), {
    maxDepth: 16,
    maxAliases: 0,
    maxDirectives: 0,
    maxFieldRepeats: 20,
  });
});
