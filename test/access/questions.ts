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

/** One field that has a value, by one way from the root. */
export interface Question {
  /** `node<Message>.sender<User>.username` */
  readonly name: string;
  readonly operation: OperationTypeNode;
  readonly steps: readonly [Step, ...Step[]];
  /** The selections that lead to the field, from the outermost on. */
  readonly selections: readonly string[];
  readonly parameters: readonly Parameter[];
}

/** Questions that begin with the same field of the root, as an operation. */
export interface Document {
  readonly query: string;
  readonly parameters: readonly Parameter[];
  readonly questions: readonly [Question, ...Question[]];
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
  const steps = way.map(({ parent, field, gives }) => ({ parent, field, gives }));
  return {
    name: steps.map(({ field, gives }) => (gives === null ? field : `${field}<${gives}>`)).join('.'),
    operation,
    steps: steps as [Step, ...Step[]],
    selections: way.flatMap((each) => [callOf(each), ...(each.narrowed ? [`... on ${each.gives}`] : [])]),
    parameters: way.flatMap(parametersOf),
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

/** Each in a document of its own. */
export function alone(questions: readonly Question[]): Document[] {
  return questions.map((question) => toDocument([question]));
}

/** As few documents as can be: one for each field of the root and type that it can give. */
export function together(questions: readonly Question[]): Document[] {
  const groups = new Map<string, [Question, ...Question[]]>();
  for (const question of questions) {
    const { parent, field, gives } = question.steps[0];
    const root = [parent, field, gives].join();
    const group = groups.get(root);
    if (group) group.push(question);
    else groups.set(root, [question]);
  }
  return [...groups.values()].map(toDocument);
}

interface Tree extends Map<string, Tree> {}

function toDocument(questions: readonly [Question, ...Question[]]): Document {
  const byPlace = questions.flatMap(({ parameters }) =>
    parameters.map((each) => [each.place, each] as const),
  );
  const parameters = [...new Map(byPlace).values()];
  const tree: Tree = new Map();
  for (const { selections } of questions) {
    let at = tree;
    for (const selection of selections) {
      const next = at.get(selection) ?? new Map();
      at.set(selection, next);
      at = next;
    }
  }
  const declared = parameters.map(({ variable, argument }) => `$${variable}: ${argument.type}`).join(', ');
  const query = `${questions[0].operation}${declared && ` (${declared})`} ${print(tree)}`;
  return { query, parameters, questions };
}

function print(tree: Tree): string {
  if (tree.size === 0) return '';
  return `{ ${[...tree].map(([selection, inside]) => `${selection} ${print(inside)}`.trim()).join(' ')} }`;
}

/** All that the answers have at the question's end, lists taken apart, without what is null or never came. */
export function valuesIn({ steps }: Question, answers: readonly { readonly data?: unknown }[]): unknown[] {
  let reached: unknown[] = answers.map(({ data }) => data);
  for (const { field } of steps)
    reached = reached.flatMap((each) => (each as Record<string, unknown> | null)?.[field] ?? []).flat();
  return reached.filter((value) => value !== null && value !== undefined);
}
