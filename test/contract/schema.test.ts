import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import {
  buildSchema,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  printSchema,
} from 'graphql';
import { VARIABLES } from '../../src/environment.ts';
import { schema } from '../../src/schema/schema.ts';

const contract = buildSchema(await readFile('test/contract/contract.graphql', 'utf8'));

/** What clients can rely on, a line each: `User implements Node`, `User.id: ID!`, `Query.node(id): ID!`, … */
function promisesOf(of: GraphQLSchema): Set<string> {
  return new Set(ownTypes(of).flatMap((type) => [kindOf(type), ...membersOf(type).map(({ line }) => line)]));
}

function kindOf(type: GraphQLNamedType): string {
  return `${type.constructor.name} ${type.name}`;
}

interface Member {
  readonly line: string;
  readonly description: string | null | undefined;
}

function membersOf(type: GraphQLNamedType): Member[] {
  if (isEnumType(type))
    return type.getValues().map(({ name, description }) => ({ line: `${type.name}.${name}`, description }));
  if (isInputObjectType(type))
    return Object.values(type.getFields()).map(({ name, type: ofField, defaultValue, description }) => ({
      line: `${type.name}.${name}: ${ofField} = ${defaultValue}`,
      description,
    }));
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return [
    ...type
      .getInterfaces()
      .map((parent) => ({ line: `${type.name} implements ${parent}`, description: '-' })),
    ...Object.values(type.getFields()).flatMap(({ name, type: ofField, description, args }) => [
      { line: `${type.name}.${name}: ${ofField}`, description },
      ...args.map((arg) => ({
        line: `${type.name}.${name}(${arg.name}): ${arg.type} = ${arg.defaultValue}`,
        description: arg.description,
      })),
    ]),
  ];
}

function ownTypes(of: GraphQLSchema): GraphQLNamedType[] {
  return Object.values(of.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
}

describe('the schema', () => {
  test('keeps every promise of the contract: types, fields, arguments, nullability', () => {
    const promised = promisesOf(contract);
    expect(promised.size).toBeGreaterThan(90);
    const kept = promisesOf(schema);
    expect([...promised].filter((line) => !kept.has(line))).toEqual([]);
  });

  test('asks for no argument or input field that the contract does not have', () => {
    const promised = promisesOf(contract);
    const required = [...promisesOf(schema)].filter(
      (line) => / = undefined$/.test(line) && line.includes('!'),
    );
    expect(required.length).toBeGreaterThan(5);
    expect(required.filter((line) => !promised.has(line))).toEqual([]);
  });

  test('describes every type, field, argument, enum value and input field', () => {
    const undescribed = ownTypes(schema).flatMap((type) => [
      ...(type.description ? [] : [type.name]),
      ...membersOf(type).flatMap(({ line, description }) => (description ? [] : [line])),
    ]);
    expect(undescribed).toEqual([]);
  });

  test('is printed in schema.graphql', async () => {
    expect(await readFile('schema.graphql', 'utf8')).toBe(`${printSchema(schema)}\n`);
  });
});

test('.env.example names each variable once, and no other', async () => {
  const text = await readFile('.env.example', 'utf8');
  const named = [...text.matchAll(/^(?:# )?([A-Z][A-Z_]*)=/gm)].map(([, name]) => name);
  expect(named).toEqual(Object.keys(VARIABLES));
});

test('each variable of the environment is described in .env.example', async () => {
  const lines = (await readFile('.env.example', 'utf8')).split('\n');
  for (const { description } of Object.values(VARIABLES)) expect(lines).toContain(`# ${description}`);
});
