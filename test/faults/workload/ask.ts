import { SignJWT } from 'jose';
import { TEST_SECRET } from '../../support/server.ts';
import type { Outcome } from '../history/event.ts';

/** After this a client takes its request for lost, and asks another node. */
const ANSWER_WITHIN_MS = 4_000;
/** Tokens are older, and live longer, than a clock may be wrong. */
const TOKEN_SINCE = '1 day ago';
const TOKEN_UNTIL = '2 days';

// biome-ignore lint/suspicious/noExplicitAny: the shape is what the query asks for.
type Data = any;

export type Refusal = Exclude<Outcome, { readonly outcome: 'done' }>;
export type Reply = { readonly data: Data } | Refusal;

/** The server has said no, or that it may not have been able to: then nobody knows what has become of the request. */
const LEAVE_OPEN = new Set(['UNAVAILABLE', 'INTERNAL']);

/** Asks one operation as this user, over HTTP. */
export async function ask(
  url: string,
  user: string,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Reply> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        authorization: `Bearer ${await longToken(user)}`,
      },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const { data, errors } = (await response.json()) as {
      data?: Data;
      errors?: readonly { extensions: { code: string } }[];
    };
    const code = errors?.[0]?.extensions.code;
    if (code === undefined) return { data };
    return { outcome: LEAVE_OPEN.has(code) ? 'unknown' : 'not done', why: code };
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string } };
    return { outcome: 'unknown', why: cause?.code ?? message };
  }
}

const tokens = new Map<string, Promise<string>>();

/** Good on a server whose clock is an hour off, too. */
export function longToken(user: string): Promise<string> {
  const token = tokens.get(user) ?? sign(user);
  tokens.set(user, token);
  return token;
}

function sign(user: string): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(user)
    .setIssuedAt(TOKEN_SINCE)
    .setExpirationTime(TOKEN_UNTIL)
    .sign(new TextEncoder().encode(TEST_SECRET));
}
