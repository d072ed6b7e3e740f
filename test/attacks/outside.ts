import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Issuer, startIssuer } from '../support/issuer.ts';

/** What is on the network beside the servers: the issuer whose keys they trust, and a server of the attacker's. */
export interface Outside extends AsyncDisposable {
  readonly issuer: Issuer;
  /** Where the servers find the issuer's keys. */
  readonly jwksUrl: string;
  /** Where the attacker would like them to look. */
  readonly evilUrl: string;
  /** How often each of the two has been asked. */
  readonly asked: { keys: number; evil: number };
}

export async function startOutside(): Promise<Outside> {
  const issuer = await startIssuer();
  const keys = await (await fetch(issuer.jwksUrl)).text();
  const asked = { keys: 0, evil: 0 };
  const server = createServer((request, response) => {
    asked[request.url === '/keys' ? 'keys' : 'evil']++;
    response.writeHead(200, { 'content-type': 'application/json' }).end(keys);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    jwksUrl: `${origin}/keys`,
    evilUrl: `${origin}/evil`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await issuer[Symbol.asyncDispose]();
    },
  };
}
