import { type ExecutionArgs, getOperationAST, type OperationTypeNode } from 'graphql';
import { QueryTooComplex } from '../../messaging/errors.ts';
import type { Viewer } from '../../messaging/model.ts';
import { queryCost } from './query-cost.ts';
import type { RateLimits, Rates } from './rate-limits.ts';

export interface AdmissionOptions {
  readonly maxCost: number;
  /** `null` when they are off. */
  readonly rates: RateLimits | null;
}

const RATES = {
  query: 'queries',
  mutation: 'mutations',
  subscription: 'subscriptions',
} as const satisfies Record<OperationTypeNode, keyof Rates>;

/** Makes the function that lets a valid operation begin, or throws QueryTooComplex or RateLimited. */
export function createAdmission({ maxCost, rates }: AdmissionOptions) {
  /** @returns what is to be waited for, if anything is. */
  return (
    { schema, document, operationName, variableValues }: ExecutionArgs,
    viewer: Viewer | null,
  ): Promise<void> | undefined => {
    const operation = getOperationAST(document, operationName);
    // Which of several is meant is not said, or wrongly: the executor refuses it.
    if (operation == null) return undefined;
    const cost = queryCost({ schema, document, operation, variables: variableValues ?? {} });
    // Not `cost > maxCost`: what is no number must not pass.
    if (!(cost <= maxCost))
      throw new QueryTooComplex(
        `This operation could answer with ${cost} values, and at most ${maxCost} are given: ask for smaller pages, or fewer fields.`,
      );
    // Nobody in particular is shown nothing but the schema.
    if (rates === null || viewer === null) return undefined;
    return spend(rates, viewer, operation.operation, cost);
  };
}

async function spend(rates: RateLimits, viewer: Viewer, type: OperationTypeNode, cost: number) {
  await rates.spend(viewer.id, RATES[type], 1);
  if (type === 'query') await rates.spend(viewer.id, 'queryCost', cost);
}

export type Admit = ReturnType<typeof createAdmission>;
