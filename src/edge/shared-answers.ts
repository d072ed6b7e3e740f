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

/** Answers an event: by `find`, or by what another one is finding. */
export type Share = (event: object, find: () => Promise<ExecutionResult>) => Promise<ExecutionResult>;

/** Being found. */
interface Finding {
  readonly event: object;
  readonly asker: string;
  readonly answer: Promise<ExecutionResult>;
}

/**
 * Lets subscriptions that ask the same of the same event share one answer, as those of all devices of a user do: who asks
 * while it is being found gets it, too. Nothing is kept after that, for an answer shows messages as they are now.
 */
export class SharedAnswers {
  /**
   * A document that comes again is the same object (the parser's cache gives it), and so are its operations. A list, since
   * few are being found at a time; V8 chains the former tables of a Map, and what was in them outlives collections.
   */
  readonly #byOperation = new WeakMap<OperationDefinitionNode, Finding[]>();

  /** @param viewer what of the viewer makes a difference to answers, besides who it is */
  among({ document, operationName, variableValues }: ExecutionArgs, viewer: string): Share {
    const operation = getOperationAST(document, operationName);
    if (operation === null || operation === undefined) return (_event, find) => find();
    const findings = this.#byOperation.get(operation) ?? [];
    this.#byOperation.set(operation, findings);
    const values = variablesBelowRoot(document, operation).map((name) => variableValues?.[name]);
    const asker = `${viewer} ${JSON.stringify(values)}`;
    return (event, find) => {
      const known = findings.find((each) => each.event === event && each.asker === asker);
      if (known !== undefined) return known.answer;
      const finding = { event, asker, answer: find().finally(() => remove(findings, finding)) };
      findings.push(finding);
      return finding.answer;
    };
  }
}

function remove<Item>(items: Item[], item: Item): void {
  const last = items.pop();
  if (last !== undefined && last !== item) items[items.indexOf(item)] = last;
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
