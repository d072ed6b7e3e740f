/** Who is there on the first start; a name is both the external id and the username. */
export const PEOPLE = [
  { name: 'alice', joinedDaysAgo: 219 },
  { name: 'bob', joinedDaysAgo: 219 },
  { name: 'carol', joinedDaysAgo: 205 },
  { name: 'dave', joinedDaysAgo: 203 },
  { name: 'erin', joinedDaysAgo: 198 },
  { name: 'frank', joinedDaysAgo: 187 },
] as const;

export type PersonName = (typeof PEOPLE)[number]['name'];

/** Whom visitors sign in as. */
export const DEMO_VIEWER = 'alice';

/** The viewer's closest contact: the longest conversation, and who to sign in as in a second window. */
export const DEMO_PEER = 'bob';
