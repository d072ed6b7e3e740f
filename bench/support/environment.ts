import { signToken } from '../../src/operations/sign-token.ts';

const SECRET = 'a secret for benchmarks, of at least 32 characters';
/** Longer than any run. */
const TTL = '24h';

/** The variables of a server in production, on any free port; peers take those of the database, too. */
export function serverEnvironment(databaseUrl: string, more: Readonly<Record<string, string>> = {}) {
  return {
    NODE_ENV: 'production',
    PORT: '0',
    // It says that it is ready, and where.
    LOG_LEVEL: 'info',
    // One user here does the work of thousands.
    RATE_LIMITS: 'off',
    DATABASE_URL: databaseUrl,
    AUTH_JWT_SECRET: SECRET,
    ...more,
  };
}

const tokens = new Map<string, Promise<string>>();

/** The header by which a server knows a user; for one user always the same, as clients keep their token. */
export async function authorizationOf(externalId: string): Promise<string> {
  const token = tokens.get(externalId) ?? tokenOf(externalId, false);
  tokens.set(externalId, token);
  return `Bearer ${await token}`;
}

/** The same for an administrator. */
export async function adminAuthorizationOf(externalId: string): Promise<string> {
  return `Bearer ${await tokenOf(externalId, true)}`;
}

function tokenOf(sub: string, admin: boolean): Promise<string> {
  return signToken({ sub, secret: SECRET, admin, ttl: TTL, issuer: null, audience: null });
}
