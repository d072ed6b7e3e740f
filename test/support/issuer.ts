import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const;
type Algorithm = (typeof ALGORITHMS)[number];

interface Key {
  readonly alg: Algorithm;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly published: JWK;
}

/** Someone else who signs tokens, and publishes the keys for checking them. */
export interface Issuer extends AsyncDisposable {
  readonly jwksUrl: string;
  /** How often the keys have been asked for. */
  readonly fetches: number;
  /** With the key of this algorithm's name, unless another one is named. */
  sign(algorithm: Algorithm, claims: Readonly<Record<string, unknown>>, kid?: string): Promise<string>;
  publicKey(algorithm: Algorithm): CryptoKey;
  /** Makes a key, and publishes it unless it is to be a secret. One without an id is told by its algorithm alone. */
  addKey(algorithm: Algorithm, kid: string, how?: 'published' | 'secret' | 'without an id'): Promise<void>;
  publish(kid: string): void;
  withdraw(kid: string): void;
  /** How the keys are answered from now on; `null` is as they are, 'never' lets those who ask wait. */
  answer(status: number | 'never' | null, body?: string): void;
}

export async function startIssuer(algorithms: readonly Algorithm[] = ALGORITHMS): Promise<Issuer> {
  const keys = new Map<string, Key>();
  const published = new Set<string>();
  let override: { status: number | 'never'; body: string } | null = null;
  let fetches = 0;

  async function addKey(
    alg: Algorithm,
    kid: string,
    how: 'published' | 'secret' | 'without an id' = 'published',
  ) {
    const pair = await generateKeyPair(alg, { extractable: true });
    const named = how === 'without an id' ? {} : { kid };
    keys.set(kid, { alg, ...pair, published: { ...(await exportJWK(pair.publicKey)), alg, ...named } });
    if (how !== 'secret') published.add(kid);
  }
  await Promise.all(algorithms.map((alg) => addKey(alg, `key-${alg}`)));
  const keyOf = (kid: string) => keys.get(kid) as Key;

  const server = createServer((_request, response) => {
    fetches++;
    if (override?.status === 'never') return;
    response.writeHead(override?.status ?? 200, { 'content-type': 'application/json' });
    const set = { keys: [...published].map((kid) => keyOf(kid).published) };
    response.end(override?.body ?? JSON.stringify(set));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    get fetches() {
      return fetches;
    },
    sign(alg, claims, kid = `key-${alg}`) {
      const key = keyOf(kid);
      return new SignJWT({ exp: Math.floor(Date.now() / 1_000) + 3_600, ...claims })
        .setProtectedHeader('kid' in key.published ? { alg, kid } : { alg })
        .sign(key.privateKey);
    },
    publicKey: (alg) => keyOf(`key-${alg}`).publicKey,
    addKey,
    publish: (kid) => void published.add(kid),
    withdraw: (kid) => void published.delete(kid),
    answer(status, body = '') {
      override = status === null ? null : { status, body };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
