import type { Attack, Group } from '../attack.ts';
import { FOLLOW, MALLORY, REPORT, SEND, WHO } from '../operations.ts';
import { createNewcomer, SPOKEN } from '../people.ts';
import { ask, exchange, type HttpRequest, post } from '../senders/http.ts';
import { describeReply } from '../senders/reply.ts';
import { say, subscribe } from '../senders/socket.ts';
import { RATES, type Target } from '../target.ts';

const HIDDEN = '400 FORBIDDEN';
const PAGE = { token: null, headers: { accept: 'text/html,application/xhtml+xml' } };

const introspected = (name: string, query: string): Attack => ({
  name: `introspection ${name}`,
  on: 'production',
  send: (target) => ask(target, query),
  expected: HIDDEN,
});

/** Whether a wrong guess is answered with a right one. */
const guessed = (what: string, query: string, variables: object = {}): Attack => ({
  name: `a guess at ${what}`,
  on: 'production',
  async send(target) {
    const body = JSON.stringify({ query, variables });
    const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
    const reply = await exchange(target, { method: 'POST', body, headers });
    return /did you mean/i.test(reply.body) ? 'is helped on' : describeReply(reply.status, reply.body);
  },
  expected: '400 BAD_USER_INPUT',
});

/** One more than the rate allows, as a user of this attack's own. */
const tooMany = (
  what: keyof typeof RATES,
  send: (target: Target, token: string) => Promise<string>,
  within: string,
): Attack => ({
  name: `${RATES[what] + 1} ${what} in a minute`,
  on: 'production',
  async send(target) {
    const { token } = await createNewcomer(target.pool);
    const answers: string[] = [];
    for (let i = 0; i <= RATES[what]; i++) answers.push(await send(target, token));
    return [...new Set(answers)].join(', then ');
  },
  expected: `${within}, then 429 RATE_LIMITED`,
});

async function pageAt(target: Target, request: HttpRequest): Promise<string> {
  const { status, headers, body } = await exchange(target, request);
  const isPage = String(headers['content-type']).startsWith('text/html');
  return `${describeReply(status, body)}, ${isPage ? 'a page' : 'no page'}`;
}

export const production: Group = {
  name: 'production',
  attacks: [
    introspected('of all types', '{ __schema { types { name fields { name } } } }'),
    introspected('of one type', '{ __type(name: "User") { fields { name } } }'),
    introspected('under another name', '{ a: __schema { queryType { name } } }'),
    introspected('in a fragment', '{ ...f } fragment f on Query { ... { __type(name: "User") { name } } }'),
    introspected('beside a field', '{ viewer { id } __schema { queryType { name } } }'),
    introspected('that @skip leaves out', '{ __typename __schema @skip(if: true) { queryType { name } } }'),
    {
      name: 'introspection on a socket',
      on: 'production',
      send: (t) => say(t, subscribe('1', '{ __schema { queryType { name } } }')),
      expected: 'error FORBIDDEN, goes on',
    },
    {
      name: '__typename without a token',
      on: 'production',
      send: (t) => ask(t, '{ __typename }', {}, { token: null }),
      expected: '200 {"__typename":"Query"}',
    },
    guessed('a field', '{ viwer { id } }'),
    guessed('an argument', '{ user(usernam: "alice") { id } }'),
    guessed('a type', '{ node(id: "x") { ... on Usr { id } } }'),
    guessed('a type of a variable', 'query ($i: SendMesageInput) { __typename }'),
    guessed('a value of an enum', '{ messageReport(since: "", until: "", interval: HOURR) { messages } }'),
    guessed('a directive', '{ viewer @skp(if: true) { id } }'),
    guessed('a field of an input', SEND, { input: { receiverIdd: 'x', messageText: SPOKEN } }),
    guessed('a value of an enum, in a variable', REPORT, { since: 'x', until: 'x', interval: 'HOURR' }),
    {
      name: 'GraphiQL',
      on: 'production',
      send: (t) => pageAt(t, PAGE),
      expected: '406, no page',
    },
    {
      name: 'a script in an address',
      on: 'production',
      send: (t) => pageAt(t, { ...PAGE, path: '/graphql?query=<script>alert(1)</script>' }),
      expected: '406, no page',
    },
    tooMany('queries', (t, token) => ask(t, '{ __typename }', {}, { token }), '200 {"__typename":"Query"}'),
    tooMany(
      'mutations',
      (t, token) => ask(t, SEND, { input: { receiverId: t.cast.bob.id, messageText: SPOKEN } }, { token }),
      `200 {"sendMessage":{"message":{"messageText":"${SPOKEN}"}}}`,
    ),
    tooMany(
      'subscriptions',
      (t, token) =>
        post(
          t,
          { query: FOLLOW, variables: { after: 'x' } },
          { token, headers: { accept: 'text/event-stream' } },
        ),
      '200 BAD_USER_INPUT',
    ),
    {
      name: 'more than the rate, and when to come back',
      on: 'production',
      async send(target) {
        const { token } = await createNewcomer(target.pool);
        const request = { path: `/graphql?query=${encodeURIComponent(WHO)}`, token };
        for (let i = 0; i < RATES.queries; i++) await exchange(target, request);
        const { headers } = await exchange(target, request);
        const seconds = Number(headers['retry-after']);
        return seconds >= 1 && seconds <= 60 ? 'within a minute' : `after ${headers['retry-after']}`;
      },
      expected: 'within a minute',
    },
    {
      name: 'the rate of somebody else, spent by mallory',
      on: 'production',
      async send(target) {
        const { token } = await createNewcomer(target.pool);
        for (let i = 0; i <= RATES.queries; i++) await ask(target, WHO, {}, { token });
        return ask(target, WHO);
      },
      expected: `200 ${MALLORY}`,
    },
    {
      name: 'an unreadable cost, so that no rate counts any more',
      on: 'production',
      async send(target) {
        const { token } = await createNewcomer(target.pool);
        const page = (size: string) =>
          `conversations(first: ${size}) { edges { node { messages(first: ${size}) { edges { node { sender { id username } receiver { id username } } } } } } }`;
        await ask(target, `query ($constructor: Int = 100) { ${page('$constructor')} }`, {}, { token });
        const answers: string[] = [];
        for (let i = 0; i < 40; i++) answers.push(await ask(target, `{ ${page('100')} }`, {}, { token }));
        return answers.at(-1) ?? '';
      },
      expected: '429 RATE_LIMITED',
    },
  ],
};
