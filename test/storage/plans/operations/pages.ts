import { PERSON } from '../fill.ts';
import { userId } from '../landmarks.ts';
import { MESSAGE, type Operation } from '../operation.ts';

/** For a page of 50: both directions of a conversation, and the people of each message. */
const A_PAGE = 250;

type PageCase = Pick<Operation, 'what' | 'as'> & {
  readonly arguments: string;
  /** Bob, unless it says otherwise. */
  readonly with?: number;
  /** Where `$cursor` stands: how much of the conversation is behind it, in percent. */
  readonly cursor?: number;
};

const CASES: readonly PageCase[] = [
  { what: 'the newest page', arguments: 'first: 50' },
  { what: 'the next page', arguments: 'first: 50, after: $cursor', cursor: 99 },
  { what: 'a page in the middle', arguments: 'first: 50, after: $cursor', cursor: 50 },
  { what: 'a page among messages of one time', arguments: 'first: 50, after: $cursor', cursor: 25 },
  { what: 'the page after the oldest', arguments: 'first: 50, after: $cursor', cursor: 0 },
  { what: 'the oldest page', arguments: 'last: 50' },
  { what: 'a page backwards from the middle', arguments: 'last: 50, before: $cursor', cursor: 50 },
  { what: 'a page backwards among messages of one time', arguments: 'last: 50, before: $cursor', cursor: 25 },
  { what: 'the page before the newest', arguments: 'last: 50, before: $cursor', cursor: 100 },
  {
    what: 'the newest page of what is newer than the middle',
    arguments: 'first: 50, before: $cursor',
    cursor: 50,
  },
  {
    what: 'the oldest page of what is older than the middle',
    arguments: 'last: 50, after: $cursor',
    cursor: 50,
  },
  {
    what: 'the newest page of a one-sided conversation',
    arguments: 'first: 50',
    as: 'dave',
    with: PERSON.carol,
  },
  {
    what: 'the oldest page of a one-sided conversation',
    arguments: 'last: 50',
    as: 'dave',
    with: PERSON.carol,
  },
  { what: 'a page of a short conversation', arguments: 'first: 50', with: PERSON.firstPeer },
  { what: 'a page of no messages', arguments: 'first: 50', with: PERSON.erin },
];

/** Pages of 50 messages, wherever they are in the conversation. */
export const MESSAGE_PAGES: readonly Operation[] = CASES.map(
  ({ cursor, with: peer = PERSON.bob, arguments: page, ...rest }) => ({
    ...rest,
    query: `query ($with: ID!${cursor === undefined ? '' : ', $cursor: String'}) {
      conversation(with: $with) {
        messages(${page}) { edges { cursor node ${MESSAGE} } pageInfo { hasNextPage hasPreviousPage } }
      }
    }`,
    variables: (at) => ({
      with: userId(peer),
      ...(cursor === undefined ? {} : { cursor: at.cursor(cursor) }),
    }),
    rows: A_PAGE,
    indexes: ['idx_messages_conversation'],
  }),
);
