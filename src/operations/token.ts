import { parseArgs } from 'node:util';
import { loadConfig } from '../config.ts';
import { runCommand } from '../lib/command.ts';
import { keptSecret } from './kept-secret.ts';
import { signToken } from './sign-token.ts';

const USAGE = 'Usage: npm run -s token -- <external id> [--admin] [--ttl 1h]';

const TTL = /^[1-9]\d{0,8} ?(s|m|h|d|w|y|seconds?|minutes?|hours?|days?|weeks?|years?)$/;

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
  if (!TTL.test(values.ttl)) throw new Error('--ttl takes a time such as 90s, 30m, 1h or 7d.');
  process.stdout.write(`${await signToken({ ...values, secret, sub, issuer, audience })}\n`);
}

await runCommand(token);
