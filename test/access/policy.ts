import type { Question } from './questions.ts';
import type { Subject, Viewer } from './world.ts';

/**
 * Who may see what. Everything that the schema has must stand here: a field without a line fails the suite, and so does
 * a line without its field.
 */
const POLICY: readonly Line[] = [
  { type: 'User', fields: 'id username createdAt', for: 'any user' },
  {
    type: 'Message',
    fields: 'id sender receiver messageText createdAt isRead',
    for: 'its sender and receiver',
  },

  { type: 'Conversation', fields: 'id peer lastMessage unreadCount messages', for: 'its viewer' },
  { type: 'ConversationConnection', fields: 'edges pageInfo', for: 'its viewer' },
  { type: 'ConversationEdge', fields: 'cursor node', for: 'its viewer, while they are a user' },
  { type: 'MessageConnection', fields: 'edges pageInfo', for: 'its viewer' },
  { type: 'MessageEdge', fields: 'cursor node', for: 'its viewer, while they are a user' },
  { type: 'PageInfo', fields: 'hasNextPage hasPreviousPage startCursor endCursor', for: 'its viewer' },

  { type: 'MessageSent', fields: 'cursor message', for: 'its viewer, while they are a user' },
  { type: 'MessagesRead', fields: 'cursor reader messages', for: 'its viewer, while they are a user' },
  { type: 'MessagesChanged', fields: 'cursor messages', for: 'its viewer, while they are a user' },
  { type: 'MessagesDeleted', fields: 'cursor messageIds', for: 'its viewer, while they are a user' },

  { type: 'SendMessagePayload', fields: 'message', for: 'its viewer, while they are a user' },
  {
    type: 'MarkConversationReadPayload',
    fields: 'conversation markedCount',
    for: 'its viewer, while they are a user',
  },

  { type: 'MessageReportRow', fields: 'since messages readShare activeSenders', for: 'administrators' },

  // Of interfaces: what stands behind them has a line of its own, which decides.
  { type: 'Node', fields: 'id', for: 'any user' },
  { type: 'InboxEvent', fields: 'cursor', for: 'any user' },

  { type: 'Query', fields: 'viewer conversation conversations', for: 'any user, about themselves' },
  { type: 'Query', fields: 'unreadCount inboxCursor', for: 'any user, about themselves' },
  { type: 'Query', fields: 'node nodes message user', for: 'any user, about anything' },
  { type: 'Query', fields: 'messageReport', for: 'administrators' },
  { type: 'Mutation', fields: 'sendMessage markConversationRead', for: 'any user, about themselves' },
  { type: 'Subscription', fields: 'inbox', for: 'any user, about themselves' },
];

interface Line {
  readonly type: string;
  readonly fields: string;
  readonly for: keyof typeof RULES;
}

/** `nothing`: it is answered as if it did not exist. */
type Outcome = 'shown' | 'nothing' | 'UNAUTHENTICATED' | 'FORBIDDEN';

interface Rule {
  readonly allows: (viewer: Viewer, about: Subject) => boolean;
  readonly refusal: Outcome;
  /**
   * Whether a node that still knows a user who has just been deleted may go on showing it: what all users see, and what
   * is empty by then.
   */
  readonly leftOnceDeleted: boolean;
}

const everyone = { allows: () => true, refusal: 'nothing', leftOnceDeleted: true } as const;
const itsViewer = {
  allows: ({ row }: Viewer, { owner }: Subject) => row === owner.row,
  refusal: 'nothing',
} as const;

const RULES = {
  'any user': everyone,
  'any user, about themselves': everyone,
  'any user, about anything': everyone,
  'its viewer': { ...itsViewer, leftOnceDeleted: true },
  'its viewer, while they are a user': { ...itsViewer, leftOnceDeleted: false },
  'its sender and receiver': {
    allows: ({ row }, { owner, peer }) => row === owner.row || row === peer.row,
    refusal: 'nothing',
    leftOnceDeleted: false,
  },
  administrators: { allows: ({ admin }) => admin, refusal: 'FORBIDDEN', leftOnceDeleted: false },
} as const satisfies Record<string, Rule>;

const rules = new Map(
  POLICY.flatMap(({ type, fields, for: rule }) =>
    fields.split(' ').map((field) => [`${type}.${field}`, rule] as const),
  ),
);

/** All that has a line, as `Type.field`. */
export const LISTED: readonly string[] = [...rules.keys()];

/** What to do about a field without a line. */
export function adviceOnField(field: string): string {
  return `${field} has no line in POLICY of test/access/policy.ts: add one that says who may see it.`;
}

/** @throws when it has no line. */
export function ruleOf(type: string, field: string): keyof typeof RULES {
  // That there is an object is for whoever may see what it has.
  const rule =
    field === '__typename' ? POLICY.find((line) => line.type === type)?.for : rules.get(`${type}.${field}`);
  if (rule === undefined) throw new Error(adviceOnField(`${type}.${field}`));
  return rule;
}

/** Whether the question is about what its arguments name, and not about the asker's own. */
export function isAboutAnything({ steps: [{ parent, field }] }: Question): boolean {
  return ruleOf(parent, field) === 'any user, about anything';
}

function rulesOnTheWay({ steps }: Question): readonly Rule[] {
  const names = steps.flatMap(({ parent, field, gives }) => [
    ruleOf(parent, field),
    ...(gives === null ? [] : [ruleOf(gives, '__typename')]),
  ]);
  return names.map((name) => RULES[name]);
}

/** What must come of asking it about `about`: the first rule on the way that refuses decides. */
export function expectedOutcome(question: Question, viewer: Viewer, about: Subject): Outcome {
  if (viewer.state !== 'user') return 'UNAUTHENTICATED';
  const refusing = rulesOnTheWay(question).find(({ allows }) => !allows(viewer, about));
  return refusing?.refusal ?? 'shown';
}

/** Whether someone may be answered so of whom the row is gone, but not the socket or what a node knows. */
export function isFitForDeleted(question: Question, outcome: string): boolean {
  return (
    !outcome.includes('shown') || rulesOnTheWay(question).every(({ leftOnceDeleted }) => leftOnceDeleted)
  );
}
