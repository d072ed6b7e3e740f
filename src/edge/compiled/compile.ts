import {
  defaultFieldResolver,
  defaultTypeResolver,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLField,
  GraphQLID,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  GraphQLString,
  type GraphQLTypeResolver,
  getArgumentValues,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { type Complete, Run, type Slots } from './run.ts';
import { collectFields, type Scope, type Variables } from './selection.ts';

/** Runs the operation that it was compiled from. @throws when graphql would answer with an error. */
export type CompiledOperation = (
  rootValue: unknown,
  context: unknown,
  variables: Variables,
) => Promise<Record<string, unknown>>;

/** Something is selected, or asked for by a resolver, that only graphql's own execution knows. */
export class NotCompilable extends Error {}

type Fill = (run: Run, source: unknown, into: Slots) => void;

interface Field {
  readonly resolve: (run: Run, source: unknown) => unknown;
  readonly complete: Complete;
}

/**
 * Turns a valid operation into functions that call the same resolvers as graphql's `execute` and build the same answer,
 * without looking at the document again. They know no errors: whatever would be one is thrown.
 * @throws NotCompilable
 */
export function compile(scope: Scope, operation: OperationDefinitionNode): CompiledOperation {
  const root = scope.schema.getRootType(operation.operation);
  if (root === null || root === undefined) throw new NotCompilable();
  const fill = compileSelection(root, [operation.selectionSet]);
  return async (rootValue, context, variables) => {
    const run = new Run(context, variables);
    const data: Slots = {};
    fill(run, rootValue, data);
    await run.finish();
    return data;
  };

  function compileSelection(type: GraphQLObjectType, selectionSets: readonly SelectionSetNode[]): Fill {
    const fields = [...collectFields(scope, type, selectionSets)].map(([key, nodes]) => {
      // Assigned to an object, it would be no key of it.
      if (key === '__proto__') throw new NotCompilable();
      return { key, ...compileField(type, nodes) };
    });
    return (run, source, into) => {
      for (const { key, resolve, complete } of fields) run.place(into, key, resolve(run, source), complete);
    };
  }

  function compileField(type: GraphQLObjectType, nodes: readonly FieldNode[]): Field {
    const [node] = nodes as [FieldNode];
    if (node.name.value === '__typename') return { resolve: () => type.name, complete: (_run, name) => name };
    const field = type.getFields()[node.name.value];
    // Of the schema itself.
    if (field === undefined) throw new NotCompilable();
    const info = infoOf(type, field, nodes);
    const argumentsIn = compileArguments(field, node);
    const resolver = field.resolve ?? defaultFieldResolver;
    return {
      resolve: (run, source) => resolver(source, argumentsIn(run.variables), run.context, info),
      complete: compileCompletion(field.type, nodes, info),
    };
  }

  function compileArguments(field: GraphQLField<unknown, unknown>, node: FieldNode) {
    if (field.args.length === 0) return () => NO_ARGUMENTS;
    return (variables: Variables) => getArgumentValues(field, node, variables as Record<string, unknown>);
  }

  function compileCompletion(
    type: GraphQLOutputType,
    nodes: readonly FieldNode[],
    info: GraphQLResolveInfo,
  ): Complete {
    const [inner, absent] = isNonNullType(type) ? [type.ofType, mustNotBe] : [type, nothing];
    if (isLeafType(inner)) return completeLeaf(inner, absent);
    if (isListType(inner)) return completeList(compileCompletion(inner.ofType, nodes, info), absent);
    const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (isObjectType(inner))
      return completeObject(inner, compileSelection(inner, selectionSets), info, absent);
    if (isAbstractType(inner)) return completeAbstract(inner, selectionSets, info, absent);
    throw new NotCompilable();
  }

  function completeAbstract(
    type: GraphQLAbstractType,
    selectionSets: readonly SelectionSetNode[],
    info: GraphQLResolveInfo,
    absent: Absent,
  ): Complete {
    const byName = new Map<string, Complete>();
    function completionOf(name: unknown): Complete {
      const known = byName.get(name as string);
      if (known !== undefined) return known;
      const concrete = typeof name === 'string' ? scope.schema.getType(name) : undefined;
      if (!isObjectType(concrete) || !scope.schema.isSubType(type, concrete)) throw new NotCompilable();
      const complete = completeObject(concrete, compileSelection(concrete, selectionSets), info, absent);
      byName.set(concrete.name, complete);
      return complete;
    }
    const resolveType: GraphQLTypeResolver<unknown, unknown> = type.resolveType ?? defaultTypeResolver;
    return (run, value) => {
      if (value === null || value === undefined) return absent();
      return completionOf(resolveType(value, run.context, info, type))(run, value);
    };
  }

  function infoOf(
    parentType: GraphQLObjectType,
    field: GraphQLField<unknown, unknown>,
    fieldNodes: readonly FieldNode[],
  ): GraphQLResolveInfo {
    const { schema, fragments } = scope;
    return {
      fieldName: field.name,
      fieldNodes,
      returnType: field.type,
      parentType,
      schema,
      fragments: Object.fromEntries(fragments),
      operation,
      get path(): never {
        throw new NotCompilable();
      },
      get rootValue(): never {
        throw new NotCompilable();
      },
      get variableValues(): never {
        throw new NotCompilable();
      },
    };
  }
}

/** Resolvers do not change what they are given. */
const NO_ARGUMENTS = Object.freeze({});

/** What there is where a resolver gave nothing. @throws where there must be something. */
type Absent = () => null;

function nothing(): null {
  return null;
}

function mustNotBe(): never {
  throw new Error('null where there must be something');
}

function completeLeaf(type: GraphQLLeafType, absent: Absent): Complete {
  // What is text already is what `serialize` makes of it.
  const keepsText = type === GraphQLString || type === GraphQLID;
  return (_run, value) => {
    if (value === null || value === undefined) return absent();
    if (keepsText && typeof value === 'string') return value;
    const serialized = type.serialize(value);
    if (serialized === null || serialized === undefined) throw new Error(`no ${type.name}`);
    return serialized;
  };
}

function completeList(complete: Complete, absent: Absent): Complete {
  return (run, value) => {
    if (value === null || value === undefined) return absent();
    if (!Array.isArray(value)) throw new NotCompilable();
    const list: unknown[] = new Array(value.length);
    for (let i = 0; i < value.length; i++) run.place(list as unknown as Slots, i, value[i], complete);
    return list;
  };
}

function completeObject(
  type: GraphQLObjectType,
  fill: Fill,
  info: GraphQLResolveInfo,
  absent: Absent,
): Complete {
  const { isTypeOf } = type;
  return (run, value) => {
    if (value === null || value === undefined) return absent();
    if (value instanceof Error) throw value;
    if (isTypeOf && isTypeOf(value, run.context, info) !== true) throw new NotCompilable();
    const object: Slots = {};
    fill(run, value, object);
    return object;
  };
}
