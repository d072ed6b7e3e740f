import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { onEmptyDatabase } from '../../support/empty-database.ts';
import { NAMES } from '../../support/migration-names.ts';

describe('npm run db:migrate', () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const run = (environment: Record<string, string>) =>
    new Promise<{ exitCode: number; stdout: string; stderr: string }>((resolve) => {
      const loader = join(root, 'test/support/register-typescript.js');
      const args = ['--import', loader, join(root, 'src/operations/migrate.ts')];
      // From another directory: the migrations belong to the program, not to where it is started.
      execFile(process.execPath, args, { cwd: tmpdir(), env: environment }, (error, stdout, stderr) =>
        resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr }),
      );
    });

  test('prints each applied migration, then that nothing is left, wherever it is started', () =>
    onEmptyDatabase(async (url) => {
      const first = await run({ DATABASE_URL: url });
      expect(first).toEqual({
        exitCode: 0,
        stdout: NAMES.map((name) => `applied ${name}\n`).join(''),
        stderr: '',
      });
      expect(await run({ DATABASE_URL: url })).toEqual({
        exitCode: 0,
        stdout: 'nothing to apply\n',
        stderr: '',
      });
    }));

  test('prefers DATABASE_DIRECT_URL to a pooler', () =>
    onEmptyDatabase(async (url) => {
      const pooler = 'postgresql://127.0.0.1:1/pooler';
      expect(await run({ DATABASE_URL: pooler, DATABASE_DIRECT_URL: url })).toMatchObject({ exitCode: 0 });
    }));

  test.each([
    ['no database is named', {}, /^DATABASE_URL is missing.*\n$/],
    [
      'it cannot be reached',
      { DATABASE_URL: 'postgresql://127.0.0.1:1/x' },
      /^Cannot reach database "x" .*ECONNREFUSED.*\n$/,
    ],
  ])('one line and exit code 1 when %s', async (_, environment, line) => {
    const { exitCode, stdout, stderr } = await run(environment);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(line);
  });
});
