import {
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { fragmentsIn } from '../fragments.ts';
import { type CompiledOperation, compile, NotCompilable } from './compile.ts';
import { isCondition, type Variables } from './selection.ts';
import { type CoerceVariables, variablesOf } from './variables.ts';

/** Of one operation, by the values of the variables that decide what it selects. */
const MAX_VARIANTS = 8;

interface Variants {
  readonly coerce: CoerceVariables;
  /** The variables that `@skip` and `@include` look at. */
  readonly conditions: readonly string[];
  readonly byValues: Map<string, CompiledOperation | null>;
}

/** A document that comes again is the same object (the parser's cache gives it), and so are its operations. */
const known = new WeakMap<OperationDefinitionNode, Variants>();

/**
 * Executes with this context, and gives JSON of the data; with another root value than the operation came with, for each
 * event of a subscription. @throws when graphql's own execution would answer with an error.
 */
export type TextExecution = (contextValue: unknown, rootValue?: unknown) => Promise<string>;

/**
 * What executes a valid query, or answers an event of a subscription; `null` for what is left to graphql's `execute`:
 * mutations, since nothing may be done twice, introspection, and variables that are wrong.
 */
export function compiledToText(args: ExecutionArgs): TextExecution | null {
  const { schema, document, operationName, rootValue, variableValues } = args;
  const operation = getOperationAST(document, operationName);
  if (operation === null || operation === undefined || operation.operation === 'mutation') return null;
  const variants = variantsOf(schema, document, operation);
  const variables = variants.coerce(variableValues);
  const compiled = variables && variantOf(variants, schema, document, operation, variables);
  return compiled && ((contextValue, root = rootValue) => compiled(root, contextValue, variables));
}

/** The same, with the data themselves. */
export function compiledExecution(args: ExecutionArgs): Execution | null {
  const toText = compiledToText(args);
  return toText && (async (contextValue) => JSON.parse(await toText(contextValue)));
}

export type Execution = (contextValue: unknown) => Promise<Record<string, unknown>>;

function variantsOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Variants {
  const found = known.get(operation);
  if (found !== undefined) return found;
  const coerce = variablesOf(schema, operation.variableDefinitions ?? []);
  const variants = { coerce, conditions: conditionsIn(document), byValues: new Map() };
  known.set(operation, variants);
  return variants;
}

function variantOf(
  { conditions, byValues }: Variants,
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): CompiledOperation | null {
  const values = conditions.map((name) => String(variables[name])).join();
  let compiled = byValues.get(values);
  if (compiled === undefined) {
    if (byValues.size === MAX_VARIANTS) byValues.clear();
    compiled = tryCompile(schema, document, operation, variables);
    byValues.set(values, compiled);
  }
  return compiled;
}

function tryCompile(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): CompiledOperation | null {
  try {
    return compile({ schema, fragments: fragmentsIn(document), variables }, operation);
  } catch (error) {
    if (error instanceof NotCompilable) return null;
    throw error;
  }
}

function conditionsIn(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive(node) {
      const [condition] = isCondition(node) ? (node.arguments ?? []) : [];
      if (condition?.value.kind === Kind.VARIABLE) names.add(condition.value.name.value);
    },
  });
  return [...names];
}
