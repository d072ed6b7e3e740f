import type { ReadStrategyName } from '../../src/storage/readers/readers.ts';

export interface Form {
  readonly strategy: ReadStrategyName;
  readonly partitioned: boolean;
}
export const USUAL: Form;
export const FORMS: readonly Form[];
export function nameOf(form: Form): string;
