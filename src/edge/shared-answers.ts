import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { fragmentsIn } from './fragments.ts';

/** A good answer in words, one text for all whom it goes to. Whoever needs its data reads them from there. */
export class SharedAnswer implements ExecutionResult {
  readonly json: string;

  /** @param data as JSON */
  constructor(data: string) {
    this.json = `{"data":${data}}`;
  }

  get data(): NonNullable<ExecutionResult['data']> | null {
    return JSON.parse(this.json).data;
  }

  /** For transports that put answers into words themselves. */
  toJSON(): ExecutionResult {
    return { data: this.data };
  }
}

interface Waiting {
  /** The variables that make a difference to the answer. */
  readonly variables: readonly string[];
  readonly answers: Map<string, Promise<ExecutionResult>>;
}

/**
 * Lets subscriptions that ask the same of the same event share one answer, as those of all devices of a user do: who asks
 * while it is being found gets it, too. Nothing is kept after that, for an answer shows messages as they are now.
 */
export class SharedAnswers {
  /** A document that comes again is the same object (the parser's cache gives it), and so are its operations. */
  readonly #byOperation = new WeakMap<OperationDefinitionNode, Waiting>();

  /** @param event what nobody else may share: names the user, and the place in their log */
  share(args: ExecutionArgs, event: string, find: () => Promise<ExecutionResult>): Promise<ExecutionResult> {
    const operation = getOperationAST(args.document, args.operationName);
    if (operation === null || operation === undefined) return find();
    const { variables, answers } = this.#waitingFor(args.document, operation);
    const key = `${event} ${JSON.stringify(variables.map((name) => args.variableValues?.[name]))}`;
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = find().finally(() => answers.delete(key));
    answers.set(key, answer);
    return answer;
  }

  #waitingFor(document: DocumentNode, operation: OperationDefinitionNode): Waiting {
    const known = this.#byOperation.get(operation);
    if (known !== undefined) return known;
    const waiting = { variables: variablesBelowRoot(document, operation), answers: new Map() };
    this.#byOperation.set(operation, waiting);
    return waiting;
  }
}

/**
 * All variables but those in the arguments of the root field: these say which events come, and not what is shown of them.
 * Every device resumes after another one.
 */
function variablesBelowRoot(document: DocumentNode, operation: OperationDefinitionNode): readonly string[] {
  const names = new Set<string>();
  const visitor = { Variable: ({ name }: { name: { value: string } }) => void names.add(name.value) };
  for (const fragment of fragmentsIn(document).values()) visit(fragment, visitor);
  for (const selection of operation.selectionSet.selections)
    visit(selection.kind === Kind.FIELD ? { ...selection, arguments: [] } : selection, visitor);
  return [...names];
}
