import { defineConfig } from 'prisma/config';

// `generate` needs no schema engine, yet looks for one and would download it. Any executable satisfies it, so that
// generating works offline; `migrate` does need the real one and may fetch it.
if (process.argv.includes('generate')) process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath;

const url = process.env['DATABASE_DIRECT_URL'] ?? process.env['DATABASE_URL'];

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  ...(url === undefined ? {} : { datasource: { url } }),
});
