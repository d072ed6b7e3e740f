import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { schema } from '../../src/schema/schema.ts';
import { CAN_NAME_PRIVATE, type Instead, placesOf, variablesOf } from './arguments.ts';
import { type Asked, type Connection, connect, TRANSPORTS } from './exchange.ts';
import { answerIn, casesOf, cursorsFor, idsFor } from './foreign.ts';
import { leaksIn } from './inquiry.ts';
import { type Document, questionsOf, together } from './questions.ts';
import { textsIn } from './secrets.ts';
import { type Kind, type Population, populate } from './viewers.ts';
import { type Subject, type Viewer, World } from './world.ts';

const DOCUMENTS = together(questionsOf(schema));
const STRANGERS = ['a stranger', 'an administrator'] as const;
/** Tested by hand below: what is named is another user, or a text of one's own. */
const BY_HAND = [
  'Query.conversation(with)',
  'MarkConversationReadInput.with',
  'SendMessageInput.idempotencyKey',
];
const FEWEST_CASES = 60;

let world: World;
let population: Population;
beforeAll(async () => {
  world = await World.onTwoNodes();
  population = await populate(world);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const viewerOf = (kind: Kind) => population.viewers[kind];
function pairsOf({ own }: Viewer) {
  const { alices, bobs } = population;
  return [...idsFor(own, alices, bobs), ...cursorsFor(own, alices)];
}

/** Asks, and sees to it that no secret comes back. */
async function ask(connection: Connection, viewer: Viewer, asked: Asked) {
  const exchange = await connection.ask(asked, ({ length }) => length > 0);
  expect(leaksIn(world.secrets, viewer, exchange, asked.variables)).toEqual([]);
  return exchange;
}

describe.each(TRANSPORTS)('over %s', (over) => {
  const documents = DOCUMENTS.filter(
    ({ questions: [{ operation }] }) => over !== 'JSON over HTTP' || operation !== 'subscription',
  );

  test.each(STRANGERS)('to %s, what is not theirs is answered as what does not exist', async (kind) => {
    const viewer = viewerOf(kind);
    await using connection = await connect(over, world.url, viewer.authorization);
    const cases = casesOf(pairsOf(viewer), documents, viewer.own);
    expect(cases.length).toBeGreaterThan(FEWEST_CASES);
    for (const { what, foreign, missing, answer } of cases) {
      const [found, none] = [await ask(connection, viewer, foreign), await ask(connection, viewer, missing)];
      expect({ what, answer: answerIn(found) }).toEqual({ what, answer });
      expect({ what, ...found }).toEqual({ what, ...none });
    }
  });
});

test('to whom it belongs it is answered otherwise', async () => {
  const { own, authorization } = viewerOf('one participant');
  await using connection = await connect('WebSocket', world.url, authorization);
  const theirs = pairsOf(viewerOf('a stranger')).filter(
    ({ what, type }) => type === 'Message' || what.includes("alice's, or"),
  );
  const cases = casesOf(theirs, DOCUMENTS, own);
  expect(cases.length).toBeGreaterThan(10);
  for (const { foreign, missing } of cases) {
    const [found, none] = [await connection.ask(foreign), await connection.ask(missing)];
    expect(found.body).not.toEqual(none.body);
  }
});

/** An answer with these texts, and all ids and times, made alike. */
function alike(body: string, ...texts: readonly string[]): string {
  return texts
    .reduce((rest, text) => rest.replaceAll(text, '…'), body)
    .replace(/"(id|createdAt|\w*[cC]ursor)":"[^"]*"/g, '"$1":"…"');
}

function documentsWith(place: string): readonly [Document, ...Document[]] {
  const [first, ...others] = DOCUMENTS.filter((each) => placesOf(each).includes(place));
  if (first === undefined) throw new Error(`no document has ${place}`);
  return [first, ...others];
}

test.each(['Query.conversation(with)', 'MarkConversationReadInput.with'])(
  '%s tells nothing of whom the other one writes with',
  async (place) => {
    const viewer = viewerOf('a stranger');
    const { bobs } = population;
    const loner = await world.createPerson('bob');
    await using connection = await connect('JSON over HTTP', world.url, viewer.authorization);
    for (const document of documentsWith(place)) {
      const [withBob, withLoner] = await Promise.all(
        [bobs.owner, loner].map(async ({ id, name }) => {
          const instead = { [place]: id, 'MarkConversationReadInput.upTo': undefined };
          const variables = variablesOf(document, viewer.own, instead);
          const { body, ...rest } = await ask(connection, viewer, { query: document.query, variables });
          return { ...rest, answers: null, body: alike(body, id, name) };
        }),
      );
      expect(withBob).toEqual(withLoner);
    }
  },
);

describe("another's idempotency key", () => {
  const place = 'SendMessageInput.idempotencyKey';

  async function sendAs(viewer: Viewer, instead: Instead) {
    await using connection = await connect('JSON over HTTP', world.url, viewer.authorization);
    const [document, ...others] = documentsWith(place);
    expect(others).toEqual([]);
    const variables = variablesOf(document, viewer.own, instead);
    const { status, body, answers } = await ask(connection, viewer, { query: document.query, variables });
    return {
      status,
      body: alike(body, ...textsIn(variables)),
      message: answers[0]?.data?.sendMessage.message,
    };
  }

  const inputOf = ({ peer, sent }: Subject, key: string): Instead => ({
    'SendMessageInput.receiverId': peer.id,
    'SendMessageInput.messageText': sent.messageText,
    [place]: key,
  });

  test.each(STRANGERS)('is as good as a new one to %s, with input of their own', async (kind) => {
    const viewer = viewerOf(kind);
    const taken = await sendAs(viewer, { [place]: population.alices.sent.key });
    const unused = await sendAs(viewer, { [place]: `key-${randomUUID()}` });
    expect(taken.message.sender.id).toBe(viewer.own.owner.id);
    expect({ ...taken, message: null }).toEqual({ ...unused, message: null });
  });

  test('is as good as a new one to the receiver of what was sent with it', async () => {
    const viewer = viewerOf('the other participant');
    const taken = await sendAs(viewer, { [place]: population.alices.sent.key });
    const unused = await sendAs(viewer, { [place]: `key-${randomUUID()}` });
    expect({ ...taken, message: null }).toEqual({ ...unused, message: null });
  });

  test('does not give them the message, even with the very same input', async () => {
    const { bobs } = population;
    const input = inputOf(bobs, bobs.sent.key);
    const { message } = await sendAs(viewerOf('a stranger'), input);
    expect(message.sender.id).toBe(viewerOf('a stranger').own.owner.id);
    expect(message.id).not.toBe(bobs.sent.id);
    const { message: again } = await sendAs(viewerOf('the other participant'), input);
    expect(again.id).toBe(bobs.sent.id);
  });
});

test('every argument that can name something private is among these', () => {
  const pairs = STRANGERS.map(viewerOf).flatMap(pairsOf);
  const covered = new Set([...pairs.flatMap(({ places }) => places), ...BY_HAND]);
  expect([...covered].sort()).toEqual([...CAN_NAME_PRIVATE].sort());
});
