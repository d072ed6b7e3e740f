import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execute, parse } from 'graphql';
import { compiledExecution } from '../../../src/edge/compiled/compiled-operations.ts';
import { OperationContext } from '../../../src/edge/operation-context.ts';
import type { UserId } from '../../../src/messaging/ids.ts';
import { Messaging, type Ports } from '../../../src/messaging/messaging.ts';
import { schema } from '../../../src/schema/schema.ts';
import { poolExecutor } from '../../../src/storage/executor.ts';
import { createPool } from '../../../src/storage/pool.ts';
import { normalizedReader } from '../../../src/storage/readers/normalized.ts';
import { BAD } from '../fast-path/bad-operations.ts';
import { GOOD, type Operation } from '../fast-path/good-operations.ts';
import { startWorld, type World } from '../fast-path/world.ts';

let world: World;
let pool: ReturnType<typeof createPool>;

beforeAll(async () => {
  world = await startWorld();
  pool = createPool({
    url: world.fast.databaseUrl,
    size: 4,
    waitMs: 5_000,
    statementTimeoutMs: 10_000,
    lockTimeoutMs: 5_000,
    pooled: false,
    idleTransactionTimeoutMs: 5_000,
    onConnectionLost: () => {},
  });
});

afterAll(async () => {
  await pool[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

function argumentsOf({ query, variables, operationName }: Operation) {
  return {
    schema,
    document: parse(query),
    variableValues: variables ?? null,
    operationName: operationName ?? null,
  };
}

/** One that reads from the real database, as alice. */
function context(): OperationContext {
  const messaging = new Messaging({ reader: normalizedReader(poolExecutor(pool)) } as unknown as Ports);
  return new OperationContext({ id: world.alice.row as UserId, admin: false }, messaging, 1_000_000);
}

/** Only graphql's own execution knows these. */
const LEFT_TO_GRAPHQL = new Set([
  'the schema',
  'a type',
  'a key that objects have themselves',
  'sending again',
  'marking what is read',
]);

describe('compiled, an operation gives what graphql gives, in its order', () => {
  test.each(GOOD.filter(([name]) => !LEFT_TO_GRAPHQL.has(name)))('%s', async (_, operationOf) => {
    const args = argumentsOf(operationOf(world.names));
    const expected = await execute({ ...args, contextValue: context() });
    expect(expected.errors).toBeUndefined();
    for (let i = 0; i < 2; i++)
      expect(JSON.stringify(await compiledExecution(args)?.(context()))).toBe(JSON.stringify(expected.data));
  });
});

describe('not compiled is', () => {
  test.each(GOOD.filter(([name]) => LEFT_TO_GRAPHQL.has(name)))('%s', (_, operationOf) => {
    expect(compiledExecution(argumentsOf(operationOf(world.names)))).toBeNull();
  });
});

/** Wrong before anything is executed, or mutations. */
const NOT_BEGUN = new Set([
  'a variable that is missing',
  'a variable of a wrong type',
  'several wrong variables',
  'an operation that is not there',
  'two operations, none named',
  'a field that is not there',
  'a blank message',
  'a message to oneself',
  'a used key',
  'two mutations, one of them wrong',
]);
/** Refused before it gets here. */
const NOT_ADMITTED = 'too much';

const documents = BAD.filter(([name, operationOf]) => {
  return name !== NOT_ADMITTED && isDocument(operationOf({} as never).query);
});

describe('what graphql answers with an error fails, compiled:', () => {
  test.each(documents.filter(([name]) => !NOT_BEGUN.has(name)))('%s', async (_, operationOf) => {
    const args = argumentsOf(operationOf(world.names));
    const { errors } = await execute({ ...args, contextValue: context() });
    expect(errors).not.toHaveLength(0);
    await expect(compiledExecution(args)?.(context())).rejects.toThrow();
  });
});

describe('left to graphql is', () => {
  test.each(documents.filter(([name]) => NOT_BEGUN.has(name)))('%s', (_, operationOf) => {
    expect(compiledExecution(argumentsOf(operationOf(world.names)))).toBeNull();
  });
});

function isDocument(query: string): boolean {
  try {
    parse(query);
    return true;
  } catch {
    return false;
  }
}
