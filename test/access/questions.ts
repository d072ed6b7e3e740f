import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedOutputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  OperationTypeNode,
} from 'graphql';

/** One field on the way from the root to what is asked for. */
interface Step {
  /** The type, or the interface, that it stands in. */
  readonly parent: string;
  readonly field: string;
  /** The object type of what it gives here; `null` for a scalar or an enum. */
  readonly gives: string | null;
}

/** An argument on the way, which is a variable of the document. */
interface Parameter {
  readonly variable: string;
  /** `Query.node(id)` */
  readonly place: string;
  readonly argument: GraphQLArgument;
  /** The object type of what the argument's field gives here. */
  readonly gives: string | null;
}

/** A document, and what has to be filled in. */
export interface Inquirable {
  readonly document: string;
  readonly parameters: readonly Parameter[];
}

/** One field that has a value, asked for alone, by one way from the root. */
export interface Question extends Inquirable {
  /** `node<Message>.sender<User>.username` */
  readonly name: string;
  readonly operation: OperationTypeNode;
  readonly steps: readonly [Step, ...Step[]];
  /** The selections of the document, from the outermost to the field. */
  readonly selections: readonly string[];
}

interface Way extends Step {
  /** `null` for `__typename`. */
  readonly definition: GraphQLField<unknown, unknown> | null;
  /** Whether what follows stands in `... on` the type that this gives. */
  readonly narrowed: boolean;
}

/**
 * Every field of every type, by every way that leads there and passes no type twice; `__typename` of every object, too,
 * since it tells that there is one.
 */
export function questionsOf(schema: GraphQLSchema): Question[] {
  return Object.values(OperationTypeNode).flatMap((operation) => {
    const root = schema.getRootType(operation);
    return root ? [...waysFrom(schema, root, [])].map((way) => toQuestion(operation, way)) : [];
  });
}

function* waysFrom(
  schema: GraphQLSchema,
  holder: GraphQLNamedOutputType,
  before: readonly Way[],
): Generator<readonly Way[]> {
  if (!('getFields' in holder)) return;
  for (const definition of Object.values(holder.getFields())) {
    const step = { parent: holder.name, field: definition.name, definition, narrowed: false };
    const given = getNamedType(definition.type);
    if (isLeafType(given)) yield [...before, { ...step, gives: null }];
    else
      for (const object of objectsOf(schema, given))
        if (!before.some(({ gives }) => gives === object.name))
          yield* waysInto(schema, before, { ...step, gives: object.name }, given, object);
  }
}

function* waysInto(
  schema: GraphQLSchema,
  before: readonly Way[],
  step: Way,
  given: GraphQLNamedOutputType,
  object: GraphQLObjectType,
): Generator<readonly Way[]> {
  const typename = {
    parent: object.name,
    field: '__typename',
    gives: null,
    definition: null,
    narrowed: false,
  };
  yield [...before, step, typename];
  if (isInterfaceType(given)) yield* waysFrom(schema, given, [...before, step]);
  yield* waysFrom(schema, object, [...before, { ...step, narrowed: given !== object }]);
}

function objectsOf(schema: GraphQLSchema, type: GraphQLNamedOutputType): readonly GraphQLObjectType[] {
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [type as GraphQLObjectType];
}

function toQuestion(operation: OperationTypeNode, way: readonly Way[]): Question {
  const parameters = way.flatMap(parametersOf);
  const selections = way.flatMap((each) => [
    callOf(each),
    ...(each.narrowed ? [`... on ${each.gives}`] : []),
  ]);
  const steps = way.map(({ parent, field, gives }) => ({ parent, field, gives }));
  return {
    name: steps.map(({ field, gives }) => (gives === null ? field : `${field}<${gives}>`)).join('.'),
    operation,
    steps: steps as [Step, ...Step[]],
    selections,
    document: print(operation, parameters, [selections]),
    parameters,
  };
}

function parametersOf({ parent, field, gives, definition }: Way): Parameter[] {
  return (definition?.args ?? []).map((argument) => ({
    variable: `${parent}_${field}_${argument.name}`,
    place: `${parent}.${field}(${argument.name})`,
    argument,
    gives,
  }));
}

function callOf(step: Way): string {
  const given = parametersOf(step).map(({ variable, argument }) => `${argument.name}: $${variable}`);
  return given.length === 0 ? step.field : `${step.field}(${given.join(', ')})`;
}

/** All of them in one document for each field of the root, and each type that it can give. */
export function inOneDocument(questions: readonly Question[]): Inquirable[] {
  const groups = new Map<string, Question[]>();
  for (const question of questions) {
    const { parent, field, gives } = question.steps[0];
    const root = [parent, field, gives].join();
    groups.set(root, [...(groups.get(root) ?? []), question]);
  }
  return [...groups.values()].map((group) => {
    const parameters = [
      ...new Map(group.flatMap((each) => each.parameters).map((each) => [each.place, each])).values(),
    ];
    const operation = group[0]?.operation as OperationTypeNode;
    return {
      document: print(
        operation,
        parameters,
        group.map((each) => each.selections),
      ),
      parameters,
    };
  });
}

interface Tree extends Map<string, Tree> {}

function print(
  operation: OperationTypeNode,
  parameters: readonly Parameter[],
  ways: readonly (readonly string[])[],
): string {
  const tree: Tree = new Map();
  for (const way of ways) {
    let at = tree;
    for (const selection of way) {
      const next = at.get(selection) ?? new Map();
      at.set(selection, next);
      at = next;
    }
  }
  const declared = parameters.map(({ variable, argument }) => `$${variable}: ${argument.type}`).join(', ');
  return `${operation}${declared && ` (${declared})`} ${printTree(tree)}`;
}

function printTree(tree: Tree): string {
  if (tree.size === 0) return '';
  return `{ ${[...tree].map(([selection, inside]) => `${selection} ${printTree(inside)}`.trim()).join(' ')} }`;
}

/** All that the answers have at the question's end, lists taken apart, without what is null or never came. */
export function valuesIn({ steps }: Question, answers: readonly { readonly data?: unknown }[]): unknown[] {
  let reached: unknown[] = answers.map(({ data }) => data);
  for (const { field } of steps)
    reached = reached.flatMap((each) => (each as Record<string, unknown> | null)?.[field] ?? []).flat();
  return reached.filter((value) => value !== null && value !== undefined);
}
