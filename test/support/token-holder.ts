import type { Answer } from './client.ts';

/** Asks with this Authorization header, as it stands. */
export async function ask(
  url: string,
  authorization: string | null,
  query = '{ viewer { username } }',
): Promise<{ status: number; headers: Headers; body: Answer }> {
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify({ query }),
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(authorization === null ? {} : { authorization }),
    },
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
}

/** How the header is refused: for clients, proxies and people alike. */
export async function refusedTo(url: string, authorization: string, query?: string) {
  const { status, headers, body } = await ask(url, authorization, query);
  return {
    status,
    code: body.errors?.[0]?.extensions.code,
    challenge: headers.get('www-authenticate'),
  };
}
