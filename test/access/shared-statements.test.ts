import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type LoggedServer, namesOf, startLoggedServer } from '../support/logged-server.ts';
import { insertMessages, send } from '../support/messages.ts';
import { createPeople, type Person } from '../support/people.ts';

/** Users each of whom has written to the next. */
const USERS = 12;

let server: LoggedServer;
let people: readonly Person[];
/** What the n-th has written to the next. */
let messages: string[];

beforeAll(async () => {
  server = await startLoggedServer({ EVENT_BUS: 'memory' });
  people = await createPeople(server, ...Array.from({ length: USERS }, (_, i) => `user-${i}`));
  messages = [];
  for (const [i, person] of people.entries()) {
    const next = people[(i + 1) % USERS] as Person;
    messages.push((await send(person, next, `from ${i}`)).id);
    await insertMessages(server.pool, person, next, ['2020-01-01T00:00:00Z']);
  }
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const QUERY = `query ($ids: [ID!]!, $with: ID!) {
  nodes(ids: $ids) { ... on Message { messageText sender { username } receiver { username } } ... on User { username } }
  conversation(with: $with) { unreadCount messages { edges { node { messageText } } } lastMessage { messageText } }
  conversations { edges { node { peer { username } lastMessage { messageText } } } }
  viewer { username }
}`;

/**
 * Everyone asks for everybody's messages, for the conversation with the next but one, whom they have not written to, and
 * for someone else, who comes with none of these.
 */
async function ask(i: number) {
  const [other, someone] = [2, 3].map((n) => people[(i + n) % USERS] as Person) as [Person, Person];
  return (people[i] as Person).client.data(QUERY, { ids: [...messages, someone.id], with: other.id });
}

test('users who ask in the same moment share statements, and each sees what is theirs alone', async () => {
  const alone = [];
  for (let i = 0; i < USERS; i++) alone.push(await ask(i));
  for (const [i, { nodes, conversation, conversations, viewer }] of alone.entries()) {
    const seen = nodes.flatMap((node: { messageText: string } | null) => node?.messageText ?? []);
    expect(seen.toSorted()).toEqual([`from ${i}`, `from ${(i + USERS - 1) % USERS}`].toSorted());
    expect(conversation).toEqual({ unreadCount: 0, messages: { edges: [] }, lastMessage: null });
    expect(conversations.edges).toHaveLength(2);
    expect(viewer.username).toBe(people[i]?.name);
  }

  let together: unknown[] = [];
  const statements = await server.log.during(async () => {
    together = await Promise.all(Array.from({ length: 4 * USERS }, (_, n) => ask(n % USERS)));
  });
  for (const [n, answer] of together.entries()) expect(answer).toEqual(alone[n % USERS]);
  // The case means something: there were fewer statements of each kind than askers.
  const countOf = (name: string) => namesOf(statements).filter((each) => each === name).length;
  for (const name of [
    'messages',
    'users',
    'message_page_desc',
    'conversation_page_desc',
    'conversation_states',
  ])
    expect([name, countOf(name) > 0 && countOf(name) < 4 * USERS]).toEqual([name, true]);
});
