import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const;
type Algorithm = (typeof ALGORITHMS)[number];

/** Someone else who signs tokens, and publishes the keys for checking them. */
export interface Issuer extends AsyncDisposable {
  readonly jwksUrl: string;
  sign(algorithm: Algorithm, claims: Readonly<Record<string, unknown>>): Promise<string>;
  publicKey(algorithm: Algorithm): CryptoKey;
  /** How the keys are answered from now on; `null` is as they are. */
  answer(status: number | null, body?: string): void;
}

export async function startIssuer(): Promise<Issuer> {
  const pairs = new Map(
    await Promise.all(
      ALGORITHMS.map(async (alg) => [alg, await generateKeyPair(alg, { extractable: true })] as const),
    ),
  );
  const keys = await Promise.all(
    [...pairs].map(async ([alg, { publicKey }]) => ({
      ...(await exportJWK(publicKey)),
      alg,
      kid: `key-${alg}`,
    })),
  );
  let override: { status: number; body: string } | null = null;
  const server = createServer((_request, response) => {
    response.writeHead(override?.status ?? 200, { 'content-type': 'application/json' });
    response.end(override?.body ?? JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const pairOf = (alg: Algorithm) => pairs.get(alg) as NonNullable<ReturnType<typeof pairs.get>>;
  return {
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    sign: (alg, claims) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg, kid: `key-${alg}` })
        .setExpirationTime('1h')
        .sign(pairOf(alg).privateKey),
    publicKey: (alg) => pairOf(alg).publicKey,
    answer(status, body = '') {
      override = status === null ? null : { status, body };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
