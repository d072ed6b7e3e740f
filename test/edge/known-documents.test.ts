import { expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { KnownDocuments } from '../../src/edge/known-documents.ts';

const DOCUMENT = parse('{ __typename }');

test('a document that comes again is there', () => {
  const cache = new KnownDocuments().parsed;
  cache.set('{ __typename }', DOCUMENT);
  expect(cache.get('{ __typename }')).toBe(DOCUMENT);
});

test('a huge document is not kept', () => {
  const cache = new KnownDocuments().parsed;
  const huge = `{ ${'__typename '.repeat(10_000)} }`;
  cache.set(huge, DOCUMENT);
  expect(cache.get(huge)).toBeUndefined();
});

test('many documents push each other out before they take much memory', () => {
  const cache = new KnownDocuments().parsed;
  for (let i = 0; i < 1_000; i++) cache.set(`{ ${`a${i}: __typename `.repeat(600)} }`, DOCUMENT);
  expect(cache.size).toBeGreaterThan(10);
  expect(cache.calculatedSize).toBeLessThanOrEqual(500_000);
});
