import { parseArgs } from 'node:util';
import { loadConfig } from '../config.ts';
import { keptSecret } from './kept-secret.ts';
import { signToken } from './sign-token.ts';

const USAGE = 'Usage: npm run -s token -- <external id> [--admin] [--ttl 1h]';

/** `npm run token`: prints a token for a user, for development. */
async function token(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { admin: { type: 'boolean', default: false }, ttl: { type: 'string', default: '1h' } },
  });
  const [sub, ...rest] = positionals;
  if (!sub || rest.length > 0) throw new Error(USAGE);

  const { auth, database } = loadConfig();
  if (auth.secret === null && database.kind === 'external')
    throw new Error('AUTH_JWT_SECRET is missing: tokens for AUTH_JWKS_URL come from their own issuer.');
  const secret = auth.secret ?? (database.kind === 'embedded' ? await keptSecret(database.directory) : '');
  const { issuer, audience } = auth;
  process.stdout.write(`${await signToken({ ...values, secret, sub, issuer, audience })}\n`);
}

try {
  await token();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    `${message.startsWith('Invalid time period') ? '--ttl takes a time such as 90s, 1h or 7d.' : message}\n`,
  );
  process.exitCode = 1;
}
