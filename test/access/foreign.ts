import type { MessageNumber, Position, UserId } from '../../src/messaging/ids.ts';
import { decodeInboxCursor, encodeInboxCursor } from '../../src/messaging/inbox/cursor.ts';
import { encodeCursor } from '../../src/messaging/page.ts';
import { encodeGlobalId } from '../../src/schema/global-id.ts';
import { type Instead, placesOf, variablesOf } from './arguments.ts';
import type { Asked, Exchange } from './exchange.ts';
import type { Document } from './questions.ts';
import type { Subject } from './world.ts';

/** Numbers that no row has, with as many digits as those of a World. */
const NOBODY = 49_999 as UserId;
const NOTHING = '79999' as MessageNumber;

/** How both are answered. `shown`: with something of one's own. */
type Answered = 'nothing' | 'shown' | 'NOT_FOUND' | 'BAD_USER_INPUT';

/** What is another's, and what there is not, to be named in the same place. */
export interface Pair {
  readonly what: string;
  /** As in ARGUMENTS. */
  readonly places: readonly string[];
  /** The type that it is an id of. */
  readonly type: string | null;
  readonly foreign: string;
  readonly missing: string;
  readonly answer: Answered;
  /** What is asked together with it, each in turn. */
  readonly besides?: readonly Instead[];
}

/** Every way for a stranger to name by an id what is between alice and bob, beside something that does not exist. */
export function idsFor(stranger: Subject, alices: Subject, bobs: Subject): readonly Pair[] {
  return [
    ...messages(alices.sent.id, bobs.sent.id),
    ...messages(bobs.sent.id, alices.sent.id),
    ...bounds(alices, bobs),
    ...conversations(stranger, alices),
  ];
}

/** The same by a cursor. */
export function cursorsFor(stranger: Subject, alices: Subject): readonly Pair[] {
  return [
    ...cursorsOfConversations(stranger, alices),
    ...cursorsOfMessages(stranger, alices),
    cursorsOfInboxes(alices),
  ];
}

function messages(foreign: string, another: string): Pair[] {
  const places = ['Query.node(id)', 'Query.nodes(ids)', 'Query.message(id)'];
  const { createdAt, number } = positionIn(foreign);
  const later = createdAt.replace(/\d(?=Z$)/, (digit) => `${(Number(digit) + 1) % 10}`);
  const missing = [
    ['its time and no number', createdAt, NOTHING],
    ['its number and another time', later, number],
    ["its number and another message's time", positionIn(another).createdAt, number],
  ] as const;
  return missing.map(([what, ...key]) => ({
    what: `a message, or ${what}`,
    places,
    type: 'Message',
    foreign,
    missing: encodeGlobalId('Message', key.join('/')),
    answer: 'nothing',
  }));
}

/** Messages, as how far to mark the stranger's own conversation, and theirs with each of the two. */
function bounds(alices: Subject, bobs: Subject): Pair[] {
  const besides = [
    {},
    ...[alices, bobs].map(({ owner }) => ({ 'MarkConversationReadInput.with': owner.id })),
  ];
  return messages(alices.sent.id, bobs.sent.id).map((each) => ({
    ...each,
    places: ['MarkConversationReadInput.upTo'],
    type: null,
    answer: 'NOT_FOUND',
    besides,
  }));
}

function positionIn(messageId: string): Position {
  const key = Buffer.from(messageId, 'base64url').toString().replace('Message:', '');
  const [createdAt = '', number = ''] = key.split('/');
  return { createdAt, number: number as MessageNumber };
}

function conversations({ owner: stranger }: Subject, { owner: alice, peer: bob }: Subject): Pair[] {
  const idOf = (viewer: number, peer: number) => encodeGlobalId('Conversation', `${viewer}/${peer}`);
  const foreign = { "alice's": idOf(alice.row, bob.row), "bob's": idOf(bob.row, alice.row) };
  const mine = { "the other side of the stranger's own": idOf(alice.row, stranger.row) };
  const missing = {
    "alice's with nobody": idOf(alice.row, NOBODY),
    "nobody's": idOf(NOBODY, bob.row),
    "the stranger's own with nobody": idOf(stranger.row, NOBODY),
  };
  return Object.entries({ ...foreign, ...mine }).flatMap(([whose, id]) =>
    Object.entries(missing).map(([which, none]) => ({
      what: `a conversation, ${whose}, or ${which}`,
      places: ['Query.node(id)', 'Query.nodes(ids)'],
      type: 'Conversation',
      foreign: id,
      missing: none,
      answer: 'nothing',
    })),
  );
}

const ends = (field: string) => [`${field}(after)`, `${field}(before)`];

/** Someone's list is named by a cursor; and a position in one's own list by a cursor that is forged. */
function cursorsOfConversations({ owner: stranger }: Subject, { owner: alice, sent }: Subject): Pair[] {
  const cursorOf = (user: number, position: Position) =>
    encodeCursor(['conversations', user as UserId], position);
  const there = positionIn(sent.id);
  const nowhere = { ...there, number: NOTHING };
  const [places, type] = [ends('Query.conversations'), null];
  return [
    {
      ...{ what: 'a cursor of a list of conversations', places, type, answer: 'BAD_USER_INPUT' },
      ...{ foreign: cursorOf(alice.row, there), missing: cursorOf(NOBODY, there) },
    },
    {
      ...{ what: 'a place in a list of conversations', places, type, answer: 'shown' },
      ...{ foreign: cursorOf(stranger.row, there), missing: cursorOf(stranger.row, nowhere) },
    },
  ];
}

function cursorsOfMessages(own: Subject, { owner: alice, peer: bob, sent }: Subject): Pair[] {
  const cursorOf = (user: number, peer: number, position: Position) =>
    encodeCursor(['messages', user as UserId, peer as UserId], position);
  const there = positionIn(sent.id);
  const [me, peer] = [own.owner.row, own.peer.row];
  const [places, type] = [ends('Conversation.messages'), null];
  return [
    {
      ...{ what: 'a cursor of messages', places, type, answer: 'BAD_USER_INPUT' },
      ...{ foreign: cursorOf(alice.row, bob.row, there), missing: cursorOf(NOBODY, bob.row, there) },
    },
    {
      ...{ what: 'a place among messages', places, type, answer: 'shown' },
      foreign: cursorOf(me, peer, there),
      missing: cursorOf(me, peer, { ...there, number: NOTHING }),
    },
  ];
}

function cursorsOfInboxes({ owner, start }: Subject): Pair {
  return {
    what: 'a cursor of an inbox',
    places: ['Subscription.inbox(after)'],
    type: null,
    foreign: start,
    missing: encodeInboxCursor(NOBODY, decodeInboxCursor(owner.row as UserId, start)),
    answer: 'BAD_USER_INPUT',
  };
}

/** One document, asked with the one and with the other. */
export interface Case {
  readonly what: string;
  readonly foreign: Asked;
  readonly missing: Asked;
  readonly answer: Answered;
}

/** Each pair at each of its places, in every document that has the place. */
export function casesOf(pairs: readonly Pair[], documents: readonly Document[], own: Subject): Case[] {
  return pairs.flatMap(({ what, places, type, besides = [{}], answer, ...values }) =>
    places.flatMap((place) =>
      documents
        .filter((each) => placesOf(each).includes(place) && (type === null || givesAt(each, place) === type))
        .flatMap((document) =>
          besides.map((beside) => {
            const [foreign, missing] = [values.foreign, values.missing].map((value) => ({
              query: document.query,
              variables: variablesOf(document, own, {
                ...beside,
                [place]: place.endsWith('(ids)') ? [value] : value,
              }),
            })) as [Asked, Asked];
            return { what: `${what}, as ${place}`, foreign, missing, answer };
          }),
        ),
    ),
  );
}

function givesAt({ parameters }: Document, at: string): string | null | undefined {
  return parameters.find(({ place }) => place === at)?.gives;
}

export function answerIn({ answers }: Exchange): string {
  const codes = answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.code));
  const values = answers.flatMap(({ data }) => Object.values(data ?? {})).flat();
  if (codes.length > 0) return codes.join();
  return values.some((value) => value !== null) ? 'shown' : 'nothing';
}
