import {
  defaultFieldResolver,
  defaultTypeResolver,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLTypeResolver,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { argumentsOf } from './arguments.ts';
import { Run, type Write } from './run.ts';
import { collectFields, type Scope, type Variables } from './selection.ts';
import { type FieldFacts, leafWriter, mustNotBe, type WriteAbsent, writeNull } from './write-leaf.ts';

/** Runs the operation that it was compiled from. Gives JSON of the data. @throws when graphql would answer with an error. */
export type CompiledOperation = (
  rootValue: unknown,
  context: unknown,
  variables: Variables,
) => Promise<string>;

/** Something is selected, or asked for by a resolver, that only graphql's own execution knows. */
export class NotCompilable extends Error {}

interface Field {
  readonly resolve: (run: Run, source: unknown) => unknown;
  readonly write: Write;
  /** Whether its value is a leaf that stands or falls with the object: not with who asks, or when. */
  readonly isOfObjectAlone: boolean;
}

/**
 * Turns a valid operation into functions that call the same resolvers as graphql's `execute` and write the same answer,
 * without looking at the document again. They know no errors: whatever would be one is thrown.
 * @throws NotCompilable
 */
export function compile(scope: Scope, operation: OperationDefinitionNode): CompiledOperation {
  const root = scope.schema.getRootType(operation.operation);
  if (root === null || root === undefined) throw new NotCompilable();
  const write = compileSelection(root, [operation.selectionSet]);
  return (rootValue, context, variables) => new Run(context, variables).execute(write, rootValue);

  function compileSelection(type: GraphQLObjectType, selectionSets: readonly SelectionSetNode[]): Write {
    const fields = [...collectFields(scope, type, selectionSets)].map(([key, nodes], i) => {
      // In an object that is read from it, it would be no key.
      if (key === '__proto__') throw new NotCompilable();
      return { head: `${i === 0 ? '{' : ','}${JSON.stringify(key)}:`, ...compileField(type, nodes) };
    });
    const write: Write = (run, source) => {
      for (const { head, resolve, write } of fields) {
        run.write(head);
        run.place(resolve(run, source), write);
      }
      run.write(fields.length === 0 ? '{}' : '}');
    };
    return fields.every(({ isOfObjectAlone }) => isOfObjectAlone) ? rememberingTwo(write) : write;
  }

  function compileField(type: GraphQLObjectType, nodes: readonly FieldNode[]): Field {
    const [node] = nodes as [FieldNode];
    if (node.name.value === '__typename') {
      const name = JSON.stringify(type.name);
      return { resolve: () => null, write: (run) => run.write(name), isOfObjectAlone: true };
    }
    const field = type.getFields()[node.name.value];
    // Of the schema itself.
    if (field === undefined) throw new NotCompilable();
    const { isOfObjectAlone }: FieldFacts = field.extensions;
    const info = infoOf(type, field, nodes);
    const isProperty = field.resolve === undefined || field.resolve === defaultFieldResolver;
    return {
      resolve: isProperty ? readProperty(field.name) : compileResolve(field, node, info),
      write: compileWrite(field.type, nodes, info, field.extensions),
      isOfObjectAlone: isLeafType(getNullableType(field.type)) && (isProperty || isOfObjectAlone === true),
    };
  }

  function compileResolve(
    field: GraphQLField<unknown, unknown>,
    node: FieldNode,
    info: GraphQLResolveInfo,
  ): Field['resolve'] {
    const resolver = field.resolve ?? defaultFieldResolver;
    if (field.args.length === 0) return (run, source) => resolver(source, NO_ARGUMENTS, run.context, info);
    const argumentsIn = argumentsOf(field, node);
    return (run, source) => resolver(source, argumentsIn(run.variables), run.context, info);
  }

  function compileWrite(
    type: GraphQLOutputType,
    nodes: readonly FieldNode[],
    info: GraphQLResolveInfo,
    facts: FieldFacts,
  ): Write {
    const [inner, writeAbsent] = isNonNullType(type) ? [type.ofType, mustNotBe] : [type, writeNull];
    if (isLeafType(inner)) return leafWriter(inner, facts, writeAbsent);
    if (isListType(inner)) return writeList(compileWrite(inner.ofType, nodes, info, facts), writeAbsent);
    const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (isObjectType(inner))
      return writeObject(inner, compileSelection(inner, selectionSets), info, writeAbsent);
    if (isAbstractType(inner)) return compileAbstract(inner, selectionSets, info, writeAbsent);
    throw new NotCompilable();
  }

  function compileAbstract(
    type: GraphQLAbstractType,
    selectionSets: readonly SelectionSetNode[],
    info: GraphQLResolveInfo,
    writeAbsent: WriteAbsent,
  ): Write {
    const byName = new Map<string, Write>();
    function writeOf(name: unknown): Write {
      const known = byName.get(name as string);
      if (known !== undefined) return known;
      const concrete = typeof name === 'string' ? scope.schema.getType(name) : undefined;
      if (!isObjectType(concrete) || !scope.schema.isSubType(type, concrete)) throw new NotCompilable();
      const write = writeObject(concrete, compileSelection(concrete, selectionSets), info, writeAbsent);
      byName.set(concrete.name, write);
      return write;
    }
    const resolveType: GraphQLTypeResolver<unknown, unknown> = type.resolveType ?? defaultTypeResolver;
    return (run, value) => {
      if (value === null || value === undefined) writeAbsent(run);
      else writeOf(resolveType(value, run.context, info, type))(run, value);
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

/** No resolver gives it. */
const NOTHING = Symbol();

/** As `defaultFieldResolver` reads it; there are no methods here. */
function readProperty(name: string): Field['resolve'] {
  return (_run, source) => {
    const value = (source as Record<string, unknown>)[name];
    if (typeof value === 'function') throw new NotCompilable();
    return value;
  };
}

/** For objects that do not change: a page of 50 messages shows two people, by turns. */
function rememberingTwo(write: Write): Write {
  let [last, before]: unknown[] = [NOTHING, NOTHING];
  let [ofLast, ofBefore] = ['', ''];
  return (run, object) => {
    if (object !== last && object !== before) {
      const text = new Run(run.context, run.variables).executeAtOnce(write, object);
      [before, ofBefore] = [last, ofLast];
      [last, ofLast] = [object, text];
    }
    run.write(object === last ? ofLast : ofBefore);
  };
}

function writeList(write: Write, writeAbsent: WriteAbsent): Write {
  return (run, value) => {
    if (value === null || value === undefined) return writeAbsent(run);
    if (!Array.isArray(value)) throw new NotCompilable();
    run.write('[');
    for (let i = 0; i < value.length; i++) {
      if (i > 0) run.write(',');
      run.place(value[i], write);
    }
    run.write(']');
  };
}

function writeObject(
  type: GraphQLObjectType,
  write: Write,
  info: GraphQLResolveInfo,
  writeAbsent: WriteAbsent,
): Write {
  const { isTypeOf } = type;
  return (run, value) => {
    if (value === null || value === undefined) return writeAbsent(run);
    if (value instanceof Error) throw value;
    if (isTypeOf && isTypeOf(value, run.context, info) !== true) throw new NotCompilable();
    write(run, value);
  };
}
