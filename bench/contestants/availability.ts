import type { ContestantName } from './contestant.ts';

/** The least major version of Node.js, where that is not the project's own. */
const NODE_MAJOR: Readonly<Partial<Record<ContestantName, number>>> = { postgraphile: 22 };

/** Why this contestant cannot take part here, as a sentence; `null` when it can. */
export function whyNot(name: ContestantName): string | null {
  const needed = NODE_MAJOR[name] ?? 0;
  if (Number.parseInt(process.versions.node, 10) >= needed) return null;
  return `${name} is left out: it needs Node.js ${needed} or later.`;
}
