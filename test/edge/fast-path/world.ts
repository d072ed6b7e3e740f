import { insertMessages, markRead, send } from '../../support/messages.ts';
import { createPeople, type Person } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

/** Two nodes on one database that differ in nothing but the way that answers take. */
export interface World extends AsyncDisposable {
  readonly fast: TestServer;
  readonly plain: TestServer;
  readonly alice: Person;
  readonly names: Names;
}

/** What operations are about. */
export interface Names {
  readonly alice: string;
  readonly bob: string;
  readonly bobName: string;
  /** Whom nobody has written to. */
  readonly dave: string;
  readonly message: string;
  /** Between others. */
  readonly foreignMessage: string;
  readonly conversation: string;
  /** In the middle of alice's messages with bob. */
  readonly cursor: string;
}

export async function startWorld(environment: Readonly<Record<string, string>> = {}): Promise<World> {
  const shared = { MAX_QUERY_COST: '20000', ...environment };
  const fast = await startTestServer({ environment: shared });
  const plain = await startTestServer({ database: fast, environment: { ...shared, FAST_PATH: 'off' } });
  const [alice, bob, carol, dave] = await createPeople(fast, 'alice', 'bob', 'carol', 'dave');
  const at = (second: number) => new Date(1.7e12 + second * 1_000).toISOString();
  for (let i = 0; i < 30; i++) {
    await insertMessages(fast.pool, i % 3 === 0 ? alice : bob, i % 3 === 0 ? bob : alice, [at(i)]);
    await insertMessages(fast.pool, carol, alice, [at(i)]);
  }
  const foreign = await send(bob, carol, 'not for alice');
  // Marking what is read marks nothing again, so that all answers to it are the same.
  await markRead(alice, bob);
  const { conversation } = await alice.client.data(
    `query ($with: ID!) { conversation(with: $with) { id messages(first: 10) { edges { cursor node { id } } } } }`,
    { with: bob.id },
  );
  const { cursor, node } = conversation.messages.edges[5];
  return {
    fast,
    plain,
    alice,
    names: {
      alice: alice.id,
      bob: bob.id,
      bobName: bob.name,
      dave: dave.id,
      message: node.id,
      foreignMessage: foreign.id,
      conversation: conversation.id,
      cursor,
    },
    async [Symbol.asyncDispose]() {
      await plain[Symbol.asyncDispose]();
      await fast[Symbol.asyncDispose]();
    },
  };
}
