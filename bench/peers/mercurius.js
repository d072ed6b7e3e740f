// Mercurius with its just-in-time compiler, in the form that its documentation gives, over SQL that is written by hand:
// one prepared statement with joins for each request.
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { run, timestampOf } from './pool.js';
import { announce } from './serve.js';
import { CONVERSATION_PAGE, CONVERSATIONS, MARK_READ, MESSAGE, NEWEST } from './statements.js';
import { subjectOf } from './viewer.js';

const schema = `
  type Query {
    message(id: ID!): Message
    conversation(with: ID!): Conversation!
    conversations(first: Int!): ConversationConnection!
  }
  type Mutation {
    markConversationRead(input: MarkConversationReadInput!): MarkConversationReadPayload!
  }
  type User { id: ID!  username: String! }
  type Message {
    id: ID!  sender: User!  receiver: User!  messageText: String!  createdAt: String!  isRead: Boolean!
  }
  type Conversation {
    peer: User!  lastMessage: Message  unreadCount: Int!
    messages(first: Int!, after: String): MessageConnection!
  }
  type PageInfo { hasNextPage: Boolean!  endCursor: String }
  type MessageConnection { edges: [MessageEdge!]!  pageInfo: PageInfo! }
  type MessageEdge { cursor: String!  node: Message! }
  type ConversationConnection { edges: [ConversationEdge!]!  pageInfo: PageInfo! }
  type ConversationEdge { cursor: String!  node: Conversation! }
  input MarkConversationReadInput { with: ID! }
  type MarkConversationReadPayload { markedCount: Int! }
`;

function message([id, messageText, createdAt, isRead], sender, receiver) {
  return { id, messageText, createdAt: timestampOf(createdAt), isRead: isRead === 't', sender, receiver };
}

function connection(rows, first, toNode) {
  const edges = rows.slice(0, first).map((row) => {
    return { cursor: `${timestampOf(row[2])}/${row[0]}`, node: toNode(row) };
  });
  return {
    edges,
    pageInfo: { hasNextPage: rows.length > first, endCursor: edges.at(-1)?.cursor ?? null },
  };
}

const resolvers = {
  Query: {
    async message(_, { id }, { viewer }) {
      const [row] = await run(MESSAGE, [viewer, id]);
      if (row === undefined) return null;
      const [, , , , senderId, senderName, receiverId, receiverName] = row;
      return message(row, { id: senderId, username: senderName }, { id: receiverId, username: receiverName });
    },
    conversation: (_, { with: peerId }) => ({ peerId }),
    async conversations(_, { first }, { viewer }) {
      const rows = await run(CONVERSATIONS, [viewer, first + 1]);
      return connection(rows, first, (row) => {
        const self = { id: row[5], username: row[6] };
        const peer = { id: row[7], username: row[8] };
        const lastMessage = row[4] === row[5] ? message(row, self, peer) : message(row, peer, self);
        return { peer, unreadCount: Number(row[9]), lastMessage };
      });
    },
  },
  Mutation: {
    async markConversationRead(_, { input }, { viewer }) {
      const [[count]] = await run(MARK_READ, [viewer, input.with]);
      return { markedCount: Number(count) };
    },
  },
  Conversation: {
    async messages({ peerId }, { first, after }, { viewer }) {
      const [time, id] = after?.split('/') ?? NEWEST;
      const rows = await run(CONVERSATION_PAGE, [viewer, peerId, time, id, first + 1]);
      const [, , , , , viewerId, viewerName, , peerName] = rows[0] ?? [];
      const self = { id: viewerId, username: viewerName };
      const peer = { id: peerId, username: peerName };
      return connection(rows, first, (row) =>
        row[4] === viewerId ? message(row, self, peer) : message(row, peer, self),
      );
    },
  },
};

const app = Fastify();
app.register(mercurius, {
  schema,
  resolvers,
  jit: 1,
  context: (request) => ({ viewer: subjectOf(request.headers.authorization) }),
});
const address = await app.listen({ host: '127.0.0.1', port: 0 });
announce(`${address}/graphql`);
