import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { insertMessages } from '../support/messages.ts';
import { messagesBetween, type PagedList } from '../support/pages.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

// Slow, not late: many drawn cases.
jest.setTimeout(90_000);

const RUNS = 150;
const MAX_ROWS = 12;
/** How many microseconds there are to fall into: few, so that many rows share one. */
const MOMENTS = 4;

let server: TestServer;
let alice: Person;
let bob: Person;
let list: PagedList;

beforeAll(async () => {
  server = await startTestServer();
  [alice, bob] = await createPeople(server, 'alice', 'bob');
  list = messagesBetween(alice, bob);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** What a page of an array is, by the Relay specification with hasNextPage and hasPreviousPage always told truly. */
function modelPage(
  length: number,
  { size, fromEnd, after, before }: { size: number; fromEnd: boolean; after: number; before: number },
) {
  const [from, to] = [after + 1, Math.max(before, after + 1)];
  const start = fromEnd ? Math.max(from, to - size) : from;
  const end = fromEnd ? to : Math.min(to, from + size);
  const items = Array.from({ length: end - start }, (_, i) => start + i);
  const crossed = before <= after;
  return {
    items,
    hasPreviousPage: crossed ? after >= 0 : start > 0,
    hasNextPage: crossed ? before < length : end < length,
  };
}

const request = fc.record({
  size: fc.integer({ min: 1, max: MAX_ROWS + 1 }),
  fromEnd: fc.boolean(),
  /** A place between -1 (none) and the end; as a share of the list's length. */
  after: fc.option(fc.double({ min: 0, max: 0.999, noNaN: true })),
  before: fc.option(fc.double({ min: 0, max: 0.999, noNaN: true })),
});

test('any page of any list is the part that a model of the list gives', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.integer({ min: 0, max: MOMENTS - 1 }), { maxLength: MAX_ROWS }),
    fc.array(request, { minLength: 5, maxLength: 5 }),
    async (moments, requests) => {
      await server.pool.query('DELETE FROM messages WHERE sender_id = $1', [bob.row]);
      await insertMessages(
        server.pool,
        bob,
        alice,
        moments.map((m) => `2020-01-01T00:00:00.00000${m}Z`),
      );
      const all = moments
        .map((moment, i) => ({ moment, i }))
        .sort((a, b) => b.moment - a.moment || b.i - a.i)
        .map(({ i }) => String(i));
      const { cursors, items } = await list({ first: 100 });
      expect(items).toEqual(all);

      await Promise.all(
        requests.map(async ({ size, fromEnd, after: afterShare, before: beforeShare }) => {
          const after = afterShare === null || all.length === 0 ? -1 : Math.floor(afterShare * all.length);
          const before =
            beforeShare === null || all.length === 0 ? all.length : Math.floor(beforeShare * all.length);
          const page = await list({
            ...(fromEnd ? { last: size } : { first: size }),
            after: cursors[after] ?? null,
            before: cursors[before] ?? null,
          });
          const { hasPreviousPage, hasNextPage } = page.pageInfo;
          expect({
            items: page.items.map((item) => all.indexOf(item)),
            hasPreviousPage,
            hasNextPage,
          }).toEqual(modelPage(all.length, { size, fromEnd, after, before }));
        }),
      );
    },
  );
  await fc.assert(property, { numRuns: RUNS });
});
