import type { ExecutionResult } from 'graphql';

/** A good answer in words, one text for all whom it goes to. Whoever needs its data reads them from there. */
export class WrittenAnswer implements ExecutionResult {
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
