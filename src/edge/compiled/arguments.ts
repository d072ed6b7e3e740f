import {
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  getArgumentValues,
  isNonNullType,
  Kind,
  type ValueNode,
  valueFromAST,
} from 'graphql';
import type { Variables } from './selection.ts';

type Arguments = Readonly<Record<string, unknown>>;

/** Where an argument's value comes from. */
interface Source {
  readonly name: string;
  readonly variable: string | null;
  /** Without a variable; `undefined` for an argument that is left out. */
  readonly value: unknown;
}

/**
 * Makes what gives the arguments of a field: graphql's `getArgumentValues`, without looking at the document again as long
 * as each of them is a variable that has a value, a plain constant, or left out.
 */
export function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): (variables: Variables) => Arguments {
  const byGraphQL = (variables: Variables) =>
    getArgumentValues(field, node, variables as Record<string, unknown>);
  const sources = field.args.map((argument) => sourceOf(argument, node));
  if (!sources.every((source) => source !== null)) return byGraphQL;
  return (variables) => valuesFrom(sources, variables) ?? byGraphQL(variables);
}

/** @returns `null` for what graphql has to look at each time */
function sourceOf(
  { name, type, defaultValue }: GraphQLArgument,
  { arguments: given }: FieldNode,
): Source | null {
  const node = given?.find((each) => each.name.value === name)?.value;
  if (node?.kind === Kind.VARIABLE) return { name, variable: node.name.value, value: undefined };
  if (node === undefined)
    return isNonNullType(type) && defaultValue === undefined
      ? null
      : { name, variable: null, value: defaultValue };
  const value = isPlain(node) ? valueFromAST(node, type) : undefined;
  return value === undefined ? null : { name, variable: null, value };
}

function isPlain({ kind }: ValueNode): boolean {
  return kind === Kind.INT || kind === Kind.BOOLEAN || kind === Kind.STRING;
}

function valuesFrom(sources: readonly Source[], variables: Variables): Arguments | null {
  const values: Record<string, unknown> = {};
  for (const { name, variable, value } of sources)
    if (variable !== null) {
      if (!Object.hasOwn(variables, variable)) return null;
      const given = variables[variable];
      if (given === null || given === undefined) return null;
      values[name] = given;
    } else if (value !== undefined) values[name] = value;
  return values;
}
