import type { Target } from './target.ts';

/**
 * A variable that cannot be read as its type: nothing is executed, the answer has no data, and so a status of 4xx
 * (GraphQL over HTTP, section 6.4.2).
 */
export const BAD_VARIABLE = '400 BAD_USER_INPUT';

/** One hostile input, or several of one kind that must all end the same. */
export interface Attack {
  readonly name: string;
  /** Which server gets it; by default the one in development form. */
  readonly on?: 'development' | 'production';
  /** Attacks, and says in a few words what came of it, such as "413 BAD_USER_INPUT" or "closed 4400". */
  readonly send: (target: Target) => Promise<string>;
  /** What `send` must say; one of them, where the answer may depend on which bound is reached first. */
  readonly expected: string | readonly string[];
  /** How many inputs it has; 1 where nothing is said. */
  readonly inputs?: number;
  /** How many messages the attacker may have sent by it. */
  readonly writes?: number;
}

/** Attacks of one kind; the memory is measured before and after them. */
export interface Group {
  readonly name: string;
  readonly attacks: readonly Attack[];
}

const MAX_INPUT_SHOWN = 40;

/** Sends each of these inputs; what came of them is said once if it is the same, else beside the first of each outcome. */
export function each<Input>(
  name: string,
  inputs: readonly Input[],
  send: (target: Target, input: Input) => Promise<string>,
  expected: string | readonly string[],
): Attack {
  return {
    name: `${name} (${inputs.length})`,
    inputs: inputs.length,
    async send(target) {
      const outcomes = new Map<string, Input>();
      for (const input of inputs) {
        const outcome = await send(target, input);
        if (!outcomes.has(outcome)) outcomes.set(outcome, input);
      }
      const [first = '', ...more] = outcomes.keys();
      if (more.length === 0) return first;
      return [...outcomes].map(([outcome, input]) => `${outcome} for ${show(input)}`).join('; ');
    },
    expected,
  };
}

function show(input: unknown): string {
  return (JSON.stringify(input) ?? 'nothing').slice(0, MAX_INPUT_SHOWN);
}
