import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isIntrospectionType,
  isListType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  valueFromASTUntyped,
} from 'graphql';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../../messaging/page.ts';
import { answerSize } from '../../schema/answer-size.ts';
import { fragmentsIn } from '../fragments.ts';

/** Of the lists of introspection, on average. */
const INTROSPECTION_LIST = 10;

interface Request {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

interface Counted {
  readonly cost: number;
  /** What it depends on: the variables that were looked at, with the size that each gave. */
  readonly sizes: ReadonlyMap<string, unknown>;
}

const counted = new WeakMap<OperationDefinitionNode, Counted>();

/**
 * How many values the answer of a valid operation has if every page that it asks for is full; long ones count as
 * several, as `answerSize` says. Fragments are counted at each use, and looked at once. A document that comes again
 * (the parser's cache gives the same object) with pages of the same sizes is not counted again.
 */
export function queryCost(request: Request): number {
  const { operation, variables } = request;
  const known = counted.get(operation);
  if (
    known !== undefined &&
    [...known.sizes].every(([name, size]) => sizeOf(variableValue(name, variables)) === size)
  )
    return known.cost;
  const sizes = new Map<string, unknown>();
  const cost = count(request, (name) => sizes.set(name, sizeOf(variableValue(name, variables))));
  counted.set(operation, { cost, sizes });
  return cost;
}

/** A variable may be called `constructor`, and then every object would seem to have a value for it. */
function variableValue(name: string, variables: Request['variables']): unknown {
  return Object.hasOwn(variables, name) ? variables[name] : undefined;
}

/** What of a variable's value can be a size; not the value itself, which may be long, and would be kept. */
function sizeOf(value: unknown): string | number {
  if (Array.isArray(value)) return `${value.length} items`;
  return typeof value === 'number' ? value : typeof value;
}

function count(
  { schema, document, operation, variables }: Request,
  onVariable: (name: string) => void,
): number {
  const fragments = fragmentsIn(document);
  const known = new Map<string, number>();

  function costOfFragment(name: string): number {
    const fragment = fragments.get(name);
    if (fragment === undefined) return 0;
    const cost =
      known.get(name) ?? costOf(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value));
    known.set(name, cost);
    return cost;
  }

  function costOf({ selections }: SelectionSetNode, type: GraphQLNamedType | undefined): number {
    return selections.reduce((sum, selection) => {
      if (selection.kind === Kind.FIELD) return sum + costOfField(selection, type);
      if (selection.kind === Kind.FRAGMENT_SPREAD) return sum + costOfFragment(selection.name.value);
      const condition = selection.typeCondition;
      const narrowed = condition === undefined ? type : schema.getType(condition.name.value);
      return sum + costOf(selection.selectionSet, narrowed);
    }, 0);
  }

  function costOfField(node: FieldNode, parent: GraphQLNamedType | undefined): number {
    const field = findField(parent, node.name.value);
    if (field === undefined) return 1;
    const type = getNamedType(field.type);
    const each = node.selectionSet === undefined ? 0 : costOf(node.selectionSet, type);
    const own = answerSize(field).values ?? 1;
    return isCompositeType(type) ? own + items(field, node) * each : own * items(field, node);
  }

  /** How many there can be of what stands below a field. */
  function items(field: GraphQLField<unknown, unknown>, node: FieldNode): number {
    const given = (name: string) => argument(node.arguments, name);
    // What the argument itself may be is checked where it is used, and that error is the better one.
    if (field.args.some(({ name }) => name === 'first')) {
      const size = Number(given('first') ?? given('last') ?? DEFAULT_PAGE_SIZE);
      return size >= 1 && size <= MAX_PAGE_SIZE ? size : MAX_PAGE_SIZE;
    }
    // Of a connection: its edges are counted above.
    if (!isListType(getNullableType(field.type)) || field.name === 'edges') return 1;
    if (isIntrospectionType(getNamedType(field.type))) return INTROSPECTION_LIST;
    const lists = field.args.map(({ name }) => given(name)).filter(Array.isArray);
    return lists[0]?.length ?? answerSize(field).items ?? MAX_PAGE_SIZE;
  }

  function argument(nodes: readonly ArgumentNode[] | undefined, name: string): unknown {
    const value = nodes?.find((node) => node.name.value === name)?.value;
    if (value === undefined) return undefined;
    if (value.kind !== Kind.VARIABLE) return valueFromASTUntyped(value, variables);
    onVariable(value.name.value);
    return variableValue(value.name.value, variables) ?? defaultOf(value.name.value);
  }

  function defaultOf(variable: string): unknown {
    const definition = operation.variableDefinitions?.find((each) => each.variable.name.value === variable);
    return definition?.defaultValue && valueFromASTUntyped(definition.defaultValue);
  }

  function findField(type: GraphQLNamedType | undefined, name: string) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
    // Of any type there is __typename, which is no field of it.
    return type !== undefined && isCompositeType(type) && !isUnionType(type)
      ? type.getFields()[name]
      : undefined;
  }

  return costOf(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined);
}
