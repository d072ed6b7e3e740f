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

/** An answer that may go to many subscribers. It is put into words once. */
export class SharedAnswer implements ExecutionResult {
  readonly data: NonNullable<ExecutionResult['data']> | null;
  #json: string | undefined;

  constructor(data: NonNullable<ExecutionResult['data']> | null) {
    this.data = data;
  }

  get json(): string {
    this.#json ??= JSON.stringify(this);
    return this.#json;
  }
}

/** Answers an event that names the user and the place in their log, by `find` or by what another one is finding. */
export type Share = (event: string, find: () => Promise<ExecutionResult>) => Promise<ExecutionResult>;

/**
 * Lets subscriptions that ask the same of the same event share one answer, as those of all devices of a user do: who asks
 * while it is being found gets it, too. Nothing is kept after that, for an answer shows messages as they are now.
 */
export class SharedAnswers {
  /** Being found. A document that comes again is the same object (the parser's cache gives it), and so are its operations. */
  readonly #byOperation = new WeakMap<OperationDefinitionNode, Map<string, Promise<ExecutionResult>>>();

  /** @param viewer what of the viewer makes a difference to answers, besides who it is */
  among({ document, operationName, variableValues }: ExecutionArgs, viewer: string): Share {
    const operation = getOperationAST(document, operationName);
    if (operation === null || operation === undefined) return (_event, find) => find();
    const answers = this.#answersTo(operation);
    const values = variablesBelowRoot(document, operation).map((name) => variableValues?.[name]);
    const asker = `${viewer} ${JSON.stringify(values)}`;
    return (event, find) => {
      const key = event + asker;
      const known = answers.get(key);
      if (known !== undefined) return known;
      const answer = find().finally(() => answers.delete(key));
      answers.set(key, answer);
      return answer;
    };
  }

  #answersTo(operation: OperationDefinitionNode): Map<string, Promise<ExecutionResult>> {
    const known = this.#byOperation.get(operation) ?? new Map();
    this.#byOperation.set(operation, known);
    return known;
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
