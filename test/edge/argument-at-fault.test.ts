import { expect, test } from '@jest/globals';
import { parse, Source, validate } from 'graphql';
import { argumentAtFault } from '../../src/edge/argument-at-fault.ts';
import { schema } from '../../src/schema/schema.ts';

/** A document that counts how often its text is looked into. */
class CountedSource extends Source {
  reads = 0;

  constructor(text: string) {
    super(text);
    Object.defineProperty(this, 'body', {
      get: () => {
        this.reads++;
        return text;
      },
    });
  }
}

function faultsOf(source: Source) {
  return validate(schema, parse(source));
}

test('the argument whose value is wrong is named, and the innermost field of an input', () => {
  const names = faultsOf(new Source('{ node(id: 1.5) { id } user(username: 7) { id } }')).map(
    argumentAtFault,
  );
  expect(names).toEqual(['id', 'username']);
  const mutation = 'mutation { sendMessage(input: { receiverId: "x", messageText: 1 }) { message { id } } }';
  expect(faultsOf(new Source(mutation)).map(argumentAtFault)).toEqual(['messageText']);
});

test('a fault outside of arguments names none', () => {
  expect(faultsOf(new Source('{ nothing }')).map(argumentAtFault)).toEqual([undefined]);
});

test('a document is read once more for all its faults, and not once more for each', () => {
  const source = new CountedSource(`{ viewer { id } ${'__typename @nowhere '.repeat(90)} }`);
  const [first, ...others] = faultsOf(source);
  expect(others.length).toBeGreaterThan(80);
  const before = source.reads;
  if (first !== undefined) argumentAtFault(first);
  const forOne = source.reads - before;
  expect(forOne).toBeGreaterThan(0);
  others.forEach(argumentAtFault);
  expect(source.reads - before).toBe(forOne);
});
