import {
  type ExecutionArgs,
  GraphQLBoolean,
  GraphQLID,
  type GraphQLInputType,
  GraphQLInt,
  type GraphQLSchema,
  GraphQLString,
  getNullableType,
  getVariableValues,
  isNonNullType,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql';
import type { Variables } from './selection.ts';

/** Gives the values of an operation's variables; `null` where something is wrong with them. */
export type CoerceVariables = (given: ExecutionArgs['variableValues']) => Variables | null;

/** Values that are what they shall become. */
type IsPlain = (value: unknown) => boolean;

interface Variable {
  readonly name: string;
  readonly isPlain: IsPlain;
  readonly mayBeAbsent: boolean;
}

const MAX_INT = 2_147_483_647;
const isText: IsPlain = (value) => typeof value === 'string';

const PLAIN = new Map<unknown, IsPlain>([
  [GraphQLID, isText],
  [GraphQLString, isText],
  [GraphQLBoolean, (value) => typeof value === 'boolean'],
  [GraphQLInt, (value) => Number.isInteger(value) && Math.abs(value as number) <= MAX_INT],
]);

/** Coerces as graphql does, and leaves it to graphql wherever more than a look at each value is needed. */
export function variablesOf(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
): CoerceVariables {
  const variables = definitions.map((definition): Variable => {
    const type = typeFromAST(
      schema,
      definition.type as Parameters<typeof typeFromAST>[1],
    ) as GraphQLInputType;
    return {
      name: definition.variable.name.value,
      isPlain: PLAIN.get(getNullableType(type)) ?? (() => false),
      mayBeAbsent: !isNonNullType(type) && definition.defaultValue === undefined,
    };
  });
  return (given) =>
    plainValues(variables, given ?? {}) ??
    getVariableValues(schema, definitions, given ?? {}).coerced ??
    null;
}

function plainValues(
  variables: readonly Variable[],
  given: Readonly<Record<string, unknown>>,
): Variables | null {
  const values: Record<string, unknown> = {};
  for (const { name, isPlain, mayBeAbsent } of variables)
    if (!Object.hasOwn(given, name)) {
      if (!mayBeAbsent) return null;
    } else if (isPlain(given[name])) values[name] = given[name];
    else return null;
  return values;
}
