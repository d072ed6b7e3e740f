// The practical limit: node:http and pg with nothing in between. No GraphQL: a path for each request, the variables as
// the body, and JSON of one fixed shape, written by hand.
import { createServer } from 'node:http';
import { run, timestampOf } from './pool.js';
import { announceServer } from './serve.js';
import {
  CONVERSATION_PAGE,
  CONVERSATIONS,
  MARK_READ,
  MESSAGE,
  NEWEST,
  SEND,
  SEND_ONCE,
} from './statements.js';
import { subjectOf } from './viewer.js';

// Ids, times and the names here need no escaping; texts do.
const user = (id, username) => `{"id":"${id}","username":"${username}"}`;

function message([id, text, createdAt, isRead], at, sender, receiver) {
  const to = receiver === undefined ? '' : `,"receiver":${receiver}`;
  return `{"id":"${id}","messageText":${JSON.stringify(text)},"createdAt":"${at ?? timestampOf(createdAt)}","isRead":${isRead === 't'},"sender":${sender}${to}}`;
}

function connection(rows, first, edge) {
  const edges = [];
  let end = null;
  for (const row of rows.length > first ? rows.slice(0, first) : rows) {
    const at = timestampOf(row[2]);
    end = `"${at}/${row[0]}"`;
    edges.push(`{"cursor":${end},"node":${edge(row, at)}}`);
  }
  return `{"edges":[${edges.join(',')}],"pageInfo":{"hasNextPage":${rows.length > first},"endCursor":${end}}}`;
}

function sent([[id, createdAt]]) {
  return `{"sendMessage":{"message":{"id":"${id}","createdAt":"${timestampOf(createdAt)}"}}}`;
}

const ANSWERS = {
  async '/message'(viewer, { id }) {
    const [row] = await run(MESSAGE, [viewer, id]);
    if (row === undefined) return '{"message":null}';
    return `{"message":${message(row, undefined, user(row[4], row[5]), user(row[6], row[7]))}}`;
  },
  async '/conversation'(viewer, { with: peerId, first, after }) {
    const [time, id] = after?.split('/') ?? NEWEST;
    const rows = await run(CONVERSATION_PAGE, [viewer, peerId, time, id, first + 1]);
    const [, , , , , viewerId, viewerName, , peerName] = rows[0] ?? [];
    const [self, peer] = [user(viewerId, viewerName), user(peerId, peerName)];
    const page = connection(rows, first, (row, at) =>
      row[4] === viewerId ? message(row, at, self, peer) : message(row, at, peer, self),
    );
    return `{"conversation":{"messages":${page}}}`;
  },
  async '/conversations'(viewer, { first }) {
    const rows = await run(CONVERSATIONS, [viewer, first + 1]);
    const page = connection(rows, first, (row, at) => {
      const peer = user(row[7], row[8]);
      const sender = row[4] === row[7] ? peer : user(row[5], row[6]);
      return `{"peer":${peer},"unreadCount":${row[9]},"lastMessage":${message(row, at, sender)}}`;
    });
    return `{"conversations":${page}}`;
  },
  async '/send'(viewer, { input: { receiverId, messageText } }) {
    return sent(await run(SEND, [viewer, receiverId, messageText]));
  },
  async '/send-once'(viewer, { input: { receiverId, messageText, idempotencyKey } }) {
    return sent(await run(SEND_ONCE, [viewer, receiverId, messageText, idempotencyKey]));
  },
  async '/mark'(viewer, { input }) {
    const [[count]] = await run(MARK_READ, [viewer, input.with]);
    return `{"markConversationRead":{"markedCount":${count}}}`;
  },
};

async function answer(request, response, body) {
  try {
    const variables = JSON.parse(body);
    const json = `{"data":${await ANSWERS[request.url](subjectOf(request.headers.authorization), variables)}}`;
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(json),
    });
    response.end(json);
  } catch (error) {
    response.writeHead(500).end(String(error?.stack));
  }
}

announceServer(
  createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => answer(request, response, body));
  }),
);
