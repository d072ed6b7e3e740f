import type { Target } from './target.ts';

/** One hostile input. */
export interface Attack {
  readonly name: string;
  /** Which server gets it; by default the one in development form. */
  readonly on?: 'development' | 'production';
  /** Attacks, and says in a few words what came of it, such as "413 BAD_USER_INPUT" or "closed 4400". */
  readonly send: (target: Target) => Promise<string>;
  /** What `send` must say; one of them, where the answer may depend on which bound is reached first. */
  readonly expected: string | readonly string[];
  /** How many messages the attacker may have sent by it. */
  readonly writes?: number;
}

/** Attacks of one kind; the memory is measured before and after them. */
export interface Group {
  readonly name: string;
  readonly attacks: readonly Attack[];
}
