import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { applyMigrations } from '../../../src/storage/migrations/apply.ts';
import { onDatabase } from '../../support/database-url.ts';
import { onEmptyDatabase } from '../../support/empty-database.ts';
import { adminUrl } from '../../support/environment.ts';

describe('what stops it before it starts', () => {
  const without = (change: (url: URL) => void) => {
    const url = new URL(adminUrl());
    change(url);
    return url.href;
  };

  test.each<[string, string, () => string]>([
    [
      'no server answers',
      'UNREACHABLE',
      () =>
        without((url) => {
          url.port = '1';
        }),
    ],
    [
      'no such host',
      'UNREACHABLE',
      () =>
        without((url) => {
          url.hostname = 'nowhere.invalid';
        }),
    ],
    ['not an address', 'UNREACHABLE', () => 'postgresql://a:secret@b@:c/d'],
    ['no such database', 'NO_DATABASE', () => onDatabase(adminUrl(), 'nothing_here')],
    [
      'no such user',
      'REFUSED',
      () =>
        without((url) => {
          url.username = 'nobody';
          url.password = 'secret';
        }),
    ],
  ])('%s: %s, in one line without the password', async (_, code, url) => {
    const error = await applyMigrations(url()).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'MigrationError', code });
    const { message } = error as Error;
    expect(message).not.toMatch(/\n|secret/);
    const { password } = new URL(adminUrl());
    if (password !== '') expect(message).not.toContain(password);
  });

  test('a user who may not create tables: NO_PERMISSION', () =>
    onEmptyDatabase(async (url, client) => {
      const role = `reader_${randomUUID().replaceAll('-', '')}`;
      await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
      try {
        // As on PostgreSQL 15 and later, for older ones too.
        await client.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
        const reader = new URL(url);
        reader.username = role;
        reader.password = 'secret';
        await expect(applyMigrations(reader.href)).rejects.toMatchObject({
          code: 'NO_PERMISSION',
          message: expect.stringContaining('permission denied for schema public'),
        });
      } finally {
        await client.query(`DROP ROLE ${role}`);
      }
    }));
});
