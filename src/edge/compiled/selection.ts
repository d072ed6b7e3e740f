import {
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

export type Variables = Readonly<Record<string, unknown>>;

/** What the meaning of a selection depends on. */
export interface Scope {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** For `@skip` and `@include` alone. */
  readonly variables: Variables;
}

/**
 * The fields that are selected on an object of this type, by their keys in the answer and in its order; what is selected
 * several times is merged (GraphQL specification, section 6.3.2, CollectFields).
 */
export function collectFields(
  scope: Scope,
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
): ReadonlyMap<string, readonly FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const spread = new Set<string>();

  function collect({ selections }: SelectionSetNode): void {
    for (const selection of selections) if (isIncluded(scope, selection)) collectSelection(selection);
  }

  function collectSelection(selection: SelectionNode): void {
    switch (selection.kind) {
      case Kind.FIELD: {
        const key = (selection.alias ?? selection.name).value;
        const same = fields.get(key);
        if (same === undefined) fields.set(key, [selection]);
        else same.push(selection);
        return;
      }
      case Kind.INLINE_FRAGMENT:
        if (applies(selection.typeCondition?.name.value)) collect(selection.selectionSet);
        return;
      case Kind.FRAGMENT_SPREAD: {
        const name = selection.name.value;
        const fragment = scope.fragments.get(name);
        if (fragment === undefined || spread.has(name)) return;
        spread.add(name);
        if (applies(fragment.typeCondition.name.value)) collect(fragment.selectionSet);
      }
    }
  }

  function applies(condition: string | undefined): boolean {
    if (condition === undefined || condition === type.name) return true;
    const named: GraphQLNamedType | undefined = scope.schema.getType(condition);
    return isAbstractType(named) && scope.schema.isSubType(named, type);
  }

  for (const selectionSet of selectionSets) collect(selectionSet);
  return fields;
}

function isIncluded({ variables }: Scope, selection: SelectionNode): boolean {
  if (selection.directives === undefined || selection.directives.length === 0) return true;
  const condition = (directive: typeof GraphQLSkipDirective) =>
    getDirectiveValues(directive, selection, variables as Record<string, unknown>)?.['if'];
  return condition(GraphQLSkipDirective) !== true && condition(GraphQLIncludeDirective) !== false;
}

/** Whether a directive decides on what is selected. */
export function isCondition({ name }: DirectiveNode): boolean {
  return name.value === GraphQLSkipDirective.name || name.value === GraphQLIncludeDirective.name;
}
