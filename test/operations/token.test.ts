import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt, jwtVerify } from 'jose';
import { freshDirectory, sweep } from '../support/embedded-sandbox.ts';
import { type Ending, npm, run } from '../support/operator.ts';
import { TEST_SECRET } from '../support/server.ts';

let folder: string;

beforeAll(async () => {
  folder = await freshDirectory();
});
afterAll(sweep);

function token(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ending> {
  return run('token', { folder, args, environment: { AUTH_JWT_SECRET: TEST_SECRET, ...more } });
}

describe('npm run token', () => {
  test('as npm runs it prints the token and nothing else', async () => {
    const { stdout, code } = await npm(['run', '-s', 'token', '--', 'alice', '--admin', '--ttl', '2h'], {
      AUTH_JWT_SECRET: TEST_SECRET,
    }).ended;
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/),
    });
    const { sub, role, iat = 0, exp = 0 } = decodeJwt(stdout.trim());
    expect({ sub, role, ttl: exp - iat }).toEqual({ sub: 'alice', role: 'admin', ttl: 7_200 });
  });

  test('signs with the secret, for an hour, without a role', async () => {
    const { stdout } = await token(['bob']);
    const { payload, protectedHeader } = await jwtVerify(
      stdout.trim(),
      new TextEncoder().encode(TEST_SECRET),
    );
    const { iat = 0, exp = 0, ...rest } = payload;
    expect(protectedHeader.alg).toBe('HS256');
    expect(exp - iat).toBe(3_600);
    expect(rest).toEqual({ sub: 'bob' });
  });

  test('names the issuer and the audience that the server demands', async () => {
    const { stdout } = await token(['bob'], {
      AUTH_ISSUER: 'https://issuer.example',
      AUTH_AUDIENCE: 'parley',
    });
    expect(decodeJwt(stdout.trim())).toMatchObject({ iss: 'https://issuer.example', aud: 'parley' });
  });

  test('works before the first start: the secret that it makes is the one that is kept', async () => {
    const [first, second] = [
      await run('token', { folder, args: ['bob'] }),
      await run('token', { folder, args: ['bob'] }),
    ];
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const { readFile } = await import('node:fs/promises');
    const secret = new TextEncoder().encode(await readFile(`${folder}/.data/jwt-secret`, 'utf8'));
    for (const { stdout } of [first, second]) await jwtVerify(stdout.trim(), secret);
  });
});

describe('npm run token answers with one line', () => {
  test.each([
    ['no name', []],
    ['an empty name', ['']],
    ['two names', ['alice', 'bob']],
  ])('%s: how it is used', async (_name, args) => {
    expect(await token(args)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'Usage: npm run -s token -- <external id> [--admin] [--ttl 1h]\n',
    });
  });

  test.each([['nonsense'], ['-1h'], ['1'], ['0s'], ['1h ago'], ['']])(
    '--ttl=%s: what that takes',
    async (ttl) => {
      expect(await token(['alice', `--ttl=${ttl}`])).toMatchObject({
        code: 1,
        stdout: '',
        stderr: '--ttl takes a time such as 90s, 30m, 1h or 7d.\n',
      });
    },
  );

  test.each([[['--unknown']], [['--ttl']], [['--admin=yes']]])('%j: what is wrong with it', async (args) => {
    const { code, stdout, stderr } = await token(['alice', ...args]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toContain(args[0]?.split('=')[0]);
  });

  test('a secret that is too short: never the secret', async () => {
    const { stderr } = await token(['alice'], { AUTH_JWT_SECRET: 'short-secret', NODE_ENV: 'production' });
    expect(stderr).toBe('AUTH_JWT_SECRET takes a secret, in production of at least 32 characters.\n');
  });

  test('tokens that come from an issuer of their own', async () => {
    const environment = {
      AUTH_JWT_SECRET: '',
      DATABASE_URL: 'postgres://u:p@127.0.0.1:1/parley',
      AUTH_JWKS_URL: 'https://issuer.example/keys',
    };
    const { code, stdout, stderr } = await token(['alice'], environment);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^AUTH_JWT_SECRET is missing: [^\n]+\n$/);
  });
});
