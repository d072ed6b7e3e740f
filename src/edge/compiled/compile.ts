import {
  defaultFieldResolver,
  defaultTypeResolver,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
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
      return compileField(type, key, nodes);
    });
    return (run, source, into) => {
      for (const field of fields) field(run, source, into);
    };
  }

  function compileField(type: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): Fill {
    const [node] = nodes as [FieldNode];
    if (node.name.value === '__typename')
      return (_run, _source, into) => {
        into[key] = type.name;
      };
    const field = type.getFields()[node.name.value];
    // Of the schema itself.
    if (field === undefined) throw new NotCompilable();
    const info = infoOf(type, field, nodes);
    const argumentsIn = compileArguments(field, node);
    const complete = compileCompletion(field.type, nodes, info);
    const resolve = field.resolve ?? defaultFieldResolver;
    return (run, source, into) =>
      run.complete(resolve(source, argumentsIn(run.variables), run.context, info), complete, into, key);
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
    if (isNonNullType(type)) {
      const complete = compileNullable(type.ofType, nodes, info);
      return (run, value, into, slot) => {
        if (value === null || value === undefined) throw new Error('null where there must be something');
        complete(run, value, into, slot);
      };
    }
    const complete = compileNullable(type, nodes, info);
    return (run, value, into, slot) => {
      if (value === null || value === undefined) into[slot] = null;
      else complete(run, value, into, slot);
    };
  }

  /** For values that are not null. */
  function compileNullable(
    type: GraphQLOutputType,
    nodes: readonly FieldNode[],
    info: GraphQLResolveInfo,
  ): Complete {
    if (isLeafType(type)) return completeLeaf(type);
    if (isListType(type)) return completeList(compileCompletion(type.ofType, nodes, info));
    const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (isObjectType(type)) return completeObject(type, compileSelection(type, selectionSets), info);
    if (isAbstractType(type)) return completeAbstract(type, selectionSets, info);
    throw new NotCompilable();
  }

  function completeAbstract(
    type: GraphQLAbstractType,
    selectionSets: readonly SelectionSetNode[],
    info: GraphQLResolveInfo,
  ): Complete {
    const byName = new Map<string, Complete>();
    function completionOf(name: unknown): Complete {
      const known = byName.get(name as string);
      if (known !== undefined) return known;
      const concrete = typeof name === 'string' ? scope.schema.getType(name) : undefined;
      if (!isObjectType(concrete) || !scope.schema.isSubType(type, concrete)) throw new NotCompilable();
      const complete = completeObject(concrete, compileSelection(concrete, selectionSets), info);
      byName.set(concrete.name, complete);
      return complete;
    }
    const resolveType: GraphQLTypeResolver<unknown, unknown> = type.resolveType ?? defaultTypeResolver;
    return (run, value, into, slot) =>
      completionOf(resolveType(value, run.context, info, type))(run, value, into, slot);
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

function completeLeaf(type: GraphQLLeafType): Complete {
  return (_run, value, into, slot) => {
    const serialized = type.serialize(value);
    if (serialized === null || serialized === undefined) throw new Error(`no ${type.name}`);
    into[slot] = serialized;
  };
}

function completeList(complete: Complete): Complete {
  return (run, value, into, slot) => {
    if (!Array.isArray(value)) throw new NotCompilable();
    const list: unknown[] = new Array(value.length);
    into[slot] = list;
    for (let i = 0; i < value.length; i++) run.complete(value[i], complete, list as unknown as Slots, i);
  };
}

function completeObject(type: GraphQLObjectType, fill: Fill, info: GraphQLResolveInfo): Complete {
  const { isTypeOf } = type;
  return (run, value, into, slot) => {
    if (value instanceof Error) throw value;
    if (isTypeOf && isTypeOf(value, run.context, info) !== true) throw new NotCompilable();
    const object: Slots = {};
    into[slot] = object;
    fill(run, value, object);
  };
}
