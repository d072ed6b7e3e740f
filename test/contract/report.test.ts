import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, TestClient } from '../support/client.ts';
import { insertMessages } from '../support/messages.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer, tokenOf } from '../support/server.ts';

/** 10,000: what one report has at most. */
const MAX_INTERVALS = 10_000;

const REPORT = `query ($since: DateTime!, $until: DateTime!, $interval: ReportInterval!) {
  messageReport(since: $since, until: $until, interval: $interval) { since messages readShare activeSenders }
}`;

let server: TestServer;
let alice: Person;

beforeAll(async () => {
  server = await startTestServer();
  const [one, bob, carol] = await createPeople(server, 'alice', 'bob', 'carol');
  alice = one;
  await insertMessages(server.pool, alice, bob, [
    '2026-01-31T23:59:59.999999Z',
    '2026-02-01T00:00:00Z',
    '2026-02-01T00:59:59.999999Z',
    '2026-02-01T01:00:00Z',
  ]);
  await insertMessages(server.pool, carol, bob, ['2026-02-01T00:30:00Z', '2026-02-03T12:00:00Z']);
  await server.pool.query("UPDATE messages SET is_read = true WHERE created_at < '2026-02-01T00:30:00Z'");
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function report(since: string, until: string, interval: string): Promise<Answer> {
  const authorization = `Bearer ${await tokenOf(alice.name, { admin: true })}`;
  const body = { query: REPORT, variables: { since, until, interval } };
  return (await (await alice.client.post(body, { authorization })).json()) as Answer;
}

const row = (since: string, messages: number, readShare: number, activeSenders: number) => ({
  since,
  messages,
  readShare: expect.closeTo(readShare, 10),
  activeSenders,
});

describe('an administrator', () => {
  test('sees messages, read share and senders by the hour, without the hours that had none', async () => {
    expect(await report('2026-01-31T00:00:00Z', '2026-02-04T00:00:00Z', 'HOUR')).toEqual({
      data: {
        messageReport: [
          row('2026-01-31T23:00:00.000000Z', 1, 1, 1),
          row('2026-02-01T00:00:00.000000Z', 3, 1 / 3, 2),
          row('2026-02-01T01:00:00.000000Z', 1, 0, 1),
          row('2026-02-03T12:00:00.000000Z', 1, 0, 1),
        ],
      },
    });
  });

  test('by the day and by the month, in UTC', async () => {
    expect((await report('2026-01-31T00:00:00Z', '2026-02-04T00:00:00Z', 'DAY')).data.messageReport).toEqual([
      row('2026-01-31T00:00:00.000000Z', 1, 1, 1),
      row('2026-02-01T00:00:00.000000Z', 4, 1 / 4, 2),
      row('2026-02-03T00:00:00.000000Z', 1, 0, 1),
    ]);
    expect(
      (await report('2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z', 'MONTH')).data.messageReport,
    ).toEqual([row('2026-01-01T00:00:00.000000Z', 1, 1, 1), row('2026-02-01T00:00:00.000000Z', 5, 1 / 5, 2)]);
  });

  test('gets what was sent from since on, up to but not including until', async () => {
    const { data } = await report('2026-02-01T00:00:00Z', '2026-02-01T01:00:00Z', 'MONTH');
    expect(data.messageReport).toEqual([row('2026-02-01T00:00:00.000000Z', 3, 1 / 3, 2)]);
    const late = await report('2026-01-31T23:59:59.999999Z', '2026-02-01T00:00:00.000000Z', 'DAY');
    expect(late.data.messageReport).toEqual([row('2026-01-31T00:00:00.000000Z', 1, 1, 1)]);
  });

  test('may write times with any offset', async () => {
    const { data } = await report('2026-02-01T01:00:00+01:00', '2026-01-31t20:00:00-05:00', 'HOUR');
    expect(data.messageReport).toEqual([row('2026-02-01T00:00:00.000000Z', 3, 1 / 3, 2)]);
  });

  test('gets no rows for a time without messages', async () => {
    expect((await report('2001-01-01T00:00:00Z', '2002-01-01T00:00:00Z', 'DAY')).data.messageReport).toEqual(
      [],
    );
    expect((await report('0001-01-01T00:00:00Z', '0002-01-01T00:00:00Z', 'DAY')).data.messageReport).toEqual(
      [],
    );
    expect((await report('9999-01-01T00:00:00Z', '9999-12-31T23:59:59Z', 'HOUR')).data.messageReport).toEqual(
      [],
    );
  });

  test.each([
    ['the same time', '2026-01-01T00:00:00Z'],
    ['an earlier time', '2025-12-31T23:59:59.999999Z'],
    ['the same time elsewhere', '2026-01-01T01:00:00+01:00'],
  ])('is refused %s for until', async (_, until) => {
    const { data, errors } = await report('2026-01-01T00:00:00Z', until, 'DAY');
    expect(data).toBeNull();
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining('until'),
      extensions: { code: 'BAD_USER_INPUT', argument: 'until' },
    });
  });

  test('is refused more intervals than a report has, and given as many as it has', async () => {
    const since = Date.parse('2020-01-01T00:00:00Z');
    const until = (hours: number) => new Date(since + hours * 3_600_000).toISOString();
    const most = await report(new Date(since).toISOString(), until(MAX_INTERVALS), 'HOUR');
    expect(most.errors).toBeUndefined();
    const { data, errors } = await report(new Date(since).toISOString(), until(MAX_INTERVALS + 1), 'HOUR');
    expect(data).toBeNull();
    expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', argument: 'since' });
    expect(errors?.[0]?.message).toContain('since');
  });
});

describe('anyone else', () => {
  const variables = { since: '2026-01-01T00:00:00Z', until: '2026-03-01T00:00:00Z', interval: 'DAY' };

  test('is refused every report, even one that would be refused to an administrator', async () => {
    for (const until of [variables.until, variables.since]) {
      const { data, errors } = await alice.client.ask(REPORT, { ...variables, until });
      expect(data).toBeNull();
      expect(errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN' });
    }
  });

  test('without a token is asked for one', async () => {
    const { errors } = await new TestClient(server.url, null).ask(REPORT, variables);
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });
});
