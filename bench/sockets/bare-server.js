// The peer: graphql, graphql-ws and ws as graphql-ws' own guide puts them together, with the subscription of Parley's
// schema over objects in memory. It checks no token, keeps no log and knows no cursor: who is away misses what is sent.
import {
  GraphQLBoolean,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInterfaceType,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { takeLines } from '../support/take-lines.js';

/** The open subscriptions by user. */
const feeds = new Map();
let messages = 0;

/** What happens to one user from now on, as an async iterator that can be ended while it waits. */
function follow(user) {
  const waiting = [];
  let wake = null;
  let ended = false;
  const feed = {
    push(event) {
      waiting.push(event);
      wake?.();
    },
    async next() {
      while (!ended && waiting.length === 0)
        await new Promise((resolve) => {
          wake = resolve;
        });
      return ended ? { done: true, value: undefined } : { done: false, value: waiting.shift() };
    },
    async return() {
      ended = true;
      const ofUser = feeds.get(user);
      ofUser?.delete(feed);
      if (ofUser?.size === 0) feeds.delete(user);
      wake?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => feed,
  };
  if (feeds.has(user)) feeds.get(user).add(feed);
  else feeds.set(user, new Set([feed]));
  return feed;
}

/** To the receiver, and to the sender's own devices. */
function deliver(inbox) {
  const { sender, receiver } = inbox.message;
  for (const user of [sender.id, receiver.id]) for (const feed of feeds.get(user) ?? []) feed.push({ inbox });
}

const userCalled = (name) => ({ id: name, username: name });

function send(sender, { receiverId, messageText }) {
  const id = String(++messages);
  const message = {
    id,
    messageText,
    createdAt: new Date().toISOString(),
    isRead: false,
    sender: userCalled(sender),
    receiver: userCalled(receiverId),
  };
  deliver({ cursor: id, message });
  return { message };
}

const required = (type) => ({ type: new GraphQLNonNull(type) });

const User = new GraphQLObjectType({
  name: 'User',
  fields: { id: required(GraphQLID), username: required(GraphQLString) },
});
const Message = new GraphQLObjectType({
  name: 'Message',
  fields: {
    id: required(GraphQLID),
    messageText: required(GraphQLString),
    createdAt: required(GraphQLString),
    isRead: required(GraphQLBoolean),
    sender: required(User),
    receiver: required(User),
  },
});
const InboxEvent = new GraphQLInterfaceType({
  name: 'InboxEvent',
  fields: { cursor: required(GraphQLString) },
  resolveType: () => 'MessageSent',
});
const MessageSent = new GraphQLObjectType({
  name: 'MessageSent',
  interfaces: [InboxEvent],
  fields: { cursor: required(GraphQLString), message: { type: Message } },
});
const SendMessageInput = new GraphQLInputObjectType({
  name: 'SendMessageInput',
  fields: {
    receiverId: required(GraphQLID),
    messageText: required(GraphQLString),
    idempotencyKey: { type: GraphQLString },
  },
});
const SendMessagePayload = new GraphQLObjectType({
  name: 'SendMessagePayload',
  fields: { message: required(Message) },
});

const schema = new GraphQLSchema({
  types: [MessageSent],
  query: new GraphQLObjectType({
    name: 'Query',
    fields: { hello: { type: GraphQLString, resolve: () => 'world' } },
  }),
  mutation: new GraphQLObjectType({
    name: 'Mutation',
    fields: {
      sendMessage: {
        ...required(SendMessagePayload),
        args: { input: required(SendMessageInput) },
        resolve: (_, { input }, { user }) => send(user, input),
      },
    },
  }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      inbox: {
        ...required(InboxEvent),
        args: { after: { type: GraphQLString } },
        subscribe: (_, __, { user }) => follow(user),
      },
    },
  }),
});

/** The subject that the token claims, unchecked. */
function userOf({ authorization }) {
  const [, claims] = authorization.split('.');
  return JSON.parse(Buffer.from(claims, 'base64url').toString()).sub;
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/graphql' });
useServer({ schema, context: ({ connectionParams }) => ({ user: userOf(connectionParams) }) }, server);
takeLines((line) => deliver(JSON.parse(line)));
globalThis.benchAnswers.subscriptions = () => {
  let count = 0;
  for (const ofUser of feeds.values()) count += ofUser.size;
  return count;
};
server.once('listening', () => {
  const url = `http://127.0.0.1:${server.address().port}/graphql`;
  process.stdout.write(`${JSON.stringify({ msg: 'ready', url })}\n`);
});
process.once('SIGTERM', () => process.exit());
