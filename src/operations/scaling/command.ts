import { type ParseArgsConfig, parseArgs } from 'node:util';

/** One command of `npm run scale`. */
export interface Command {
  /** What may be typed after its name. */
  readonly synopsis: string;
  /** One sentence. */
  readonly does: string;
  /** @param args what was typed after its name @throws UsageError when it takes no such thing */
  readonly run: (args: readonly string[]) => Promise<void>;
}

/** What was typed is wrong; the message says what. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>;

/** @throws UsageError */
export function readOptions<const Taken extends Options>(args: readonly string[], options: Taken) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    // What comes after the first sentence is advice for other programs.
    const [what = ''] = (error as Error).message.split('. ');
    throw new UsageError(what);
  }
}
