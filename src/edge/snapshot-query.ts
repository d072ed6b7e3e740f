import {
  type DocumentNode,
  type ExecutionArgs,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsIn } from './fragments.ts';

const CURSOR_FIELD = 'inboxCursor';

/**
 * True for a query that asks for `inboxCursor` and for something beside it: all of it must then be read at one moment.
 * `@skip` and `@include` are not looked at; a snapshot too many does no harm.
 */
export function needsSnapshot({
  document,
  operationName,
}: Pick<ExecutionArgs, 'document' | 'operationName'>): boolean {
  const operation = findOperation(document, operationName);
  if (operation?.operation !== 'query') return false;
  const known = needs.get(operation);
  if (known !== undefined) return known;
  const fields = new Set(rootFields(document, operation.selectionSet, new Set()));
  fields.delete('__typename');
  const found = fields.size > 1 && fields.has(CURSOR_FIELD);
  needs.set(operation, found);
  return found;
}

/** A document that comes again is the same object (the parser's cache gives it), and so are its operations. */
const needs = new WeakMap<OperationDefinitionNode, boolean>();

export function findOperation(
  document: DocumentNode,
  operationName: string | null | undefined,
): OperationDefinitionNode | undefined {
  return document.definitions.find(
    (definition): definition is OperationDefinitionNode =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      (operationName == null || definition.name?.value === operationName),
  );
}

function rootFields(document: DocumentNode, { selections }: SelectionSetNode, seen: Set<string>): string[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value;
    if (selection.kind === Kind.INLINE_FRAGMENT) return rootFields(document, selection.selectionSet, seen);
    const name = selection.name.value;
    if (seen.has(name)) return [];
    seen.add(name);
    const fragment = fragmentsIn(document).get(name);
    return fragment === undefined ? [] : rootFields(document, fragment.selectionSet, seen);
  });
}
