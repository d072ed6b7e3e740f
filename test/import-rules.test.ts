import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');
const BIOME = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');

/** For each folder: what its files import, and what they must not. As README.md has it, "How it is laid out". */
const RULES: Readonly<Record<string, { allowed: readonly string[]; forbidden: readonly string[] }>> = {
  'src/lib/x.ts': {
    allowed: ['./log.ts', 'node:fs', 'pino'],
    forbidden: [
      '../messaging/ids.ts',
      '../storage/pool.ts',
      '../bus/memory.ts',
      '../schema/schema.ts',
      '../edge/yoga.ts',
      '../operations/token.ts',
      '../app.ts',
      '../open-bus.ts',
      '../open-database.ts',
      '../config.ts',
      '../database-config.ts',
      '../redis-config.ts',
      '../environment.ts',
      '../../test/support/server.ts',
      'pg',
      '@prisma/client',
      'ioredis',
      '@pothos/core',
      'dataloader',
      'graphql-yoga',
      'ws',
      'graphql-ws',
      'graphql-ws/use/ws',
      '@prisma/client/runtime/library',
      '@graphql-yoga/render-graphiql',
    ],
  },
  'src/messaging/x.ts': {
    allowed: ['./ids.ts', '../lib/rfc3339.ts', './inbox/inbox.ts'],
    forbidden: [
      '../storage/pool.ts',
      '../bus/memory.ts',
      '../schema/schema.ts',
      '../edge/yoga.ts',
      '../operations/token.ts',
      '../app.ts',
      '../open-bus.ts',
      '../open-database.ts',
      '../config.ts',
      '../database-config.ts',
      '../redis-config.ts',
      'pg',
      '@prisma/client',
      'ioredis',
      '@pothos/core',
      'dataloader',
      'graphql-yoga',
      'ws',
    ],
  },
  'src/messaging/inbox/x.ts': {
    allowed: ['../ids.ts', '../../lib/rfc3339.ts'],
    forbidden: ['../../storage/pool.ts', '../../bus/memory.ts', '../../edge/yoga.ts', 'pg'],
  },
  'src/storage/x.ts': {
    allowed: ['../messaging/ids.ts', '../lib/rfc3339.ts', 'pg', '@prisma/client', 'ioredis'],
    forbidden: [
      '../bus/memory.ts',
      '../schema/schema.ts',
      '../edge/yoga.ts',
      '../operations/token.ts',
      '../app.ts',
      '../open-bus.ts',
      '../open-database.ts',
      '../config.ts',
      '../database-config.ts',
      '../redis-config.ts',
      '@pothos/core',
      'dataloader',
      'graphql-yoga',
      'ws',
      'graphql-ws',
    ],
  },
  'src/bus/x.ts': {
    allowed: ['../messaging/ids.ts', '../lib/rfc3339.ts', 'pg', 'ioredis'],
    forbidden: [
      '../storage/pool.ts',
      '../schema/schema.ts',
      '../edge/yoga.ts',
      '../operations/token.ts',
      '../app.ts',
      '../open-bus.ts',
      '../open-database.ts',
      '../config.ts',
      '../database-config.ts',
      '../redis-config.ts',
      '@prisma/client',
      '@pothos/core',
      'dataloader',
      'graphql-yoga',
      'ws',
      'graphql-ws',
    ],
  },
  'src/schema/user/x.ts': {
    allowed: [
      '../builder.ts',
      '../../messaging/ids.ts',
      '../../lib/rfc3339.ts',
      '@pothos/core',
      'dataloader',
    ],
    forbidden: [
      '../../storage/pool.ts',
      '../../bus/memory.ts',
      '../../edge/yoga.ts',
      '../../operations/token.ts',
      '../../app.ts',
      '../../open-bus.ts',
      '../../open-database.ts',
      '../../config.ts',
      'pg',
      '@prisma/client',
      'ioredis',
      'graphql-yoga',
      'ws',
      'graphql-ws',
    ],
  },
  'src/edge/x.ts': {
    allowed: [
      '../schema/schema.ts',
      '../messaging/ids.ts',
      '../lib/rfc3339.ts',
      'graphql-yoga',
      'ws',
      'graphql-ws/use/ws',
    ],
    forbidden: [
      '../storage/pool.ts',
      '../bus/memory.ts',
      '../operations/token.ts',
      '../app.ts',
      '../open-bus.ts',
      '../open-database.ts',
      '../config.ts',
      '../database-config.ts',
      '../redis-config.ts',
      '../environment.ts',
      'pg',
      '@prisma/client',
      'ioredis',
      '@pothos/core',
      'dataloader',
    ],
  },
  'src/operations/x.ts': {
    allowed: [
      '../storage/pool.ts',
      '../messaging/ids.ts',
      '../lib/rfc3339.ts',
      '../config.ts',
      '../database-config.ts',
      '../redis-config.ts',
      'pg',
      '@prisma/client',
    ],
    forbidden: [
      '../bus/memory.ts',
      '../edge/yoga.ts',
      '../app.ts',
      '../open-bus.ts',
      '../open-database.ts',
      '../main.ts',
      '../../test/support/server.ts',
      'ioredis',
      '@pothos/core',
      'dataloader',
      'graphql-yoga',
      'ws',
      'graphql-ws',
    ],
  },
  'src/x.ts': {
    allowed: [
      './edge/yoga.ts',
      './storage/pool.ts',
      './bus/memory.ts',
      './config.ts',
      './operations/sign-token.ts',
    ],
    forbidden: [
      './operations/token.ts',
      './operations/migrate.ts',
      './operations/drift.ts',
      './operations/export.ts',
      './operations/generate.ts',
      './operations/scale.ts',
      '../test/support/server.ts',
      'pg',
      '@prisma/client',
      'ioredis',
      '@pothos/core',
      'graphql-yoga',
      'ws',
    ],
  },
};

interface Diagnostic {
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
}

let folder: string;
const refused = new Map<string, string[]>();

/** Has the linter, with the project's settings, look at a file for each folder that imports all of these. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-imports-'));
  const settings = JSON.parse(await readFile(join(ROOT, 'biome.json'), 'utf8'));
  await writeFile(join(folder, 'biome.json'), JSON.stringify({ ...settings, vcs: { enabled: false } }));
  for (const [path, { allowed, forbidden }] of Object.entries(RULES)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    const lines = [...allowed, ...forbidden].map((name) => `import '${name}';\n`);
    await writeFile(join(folder, path), lines.join(''));
  }
  const rule = ['--only=style/noRestrictedImports', '--max-diagnostics=none', '--reporter=json'];
  const command = [BIOME, 'lint', ...rule, `--config-path=${folder}`, folder];
  const { stdout } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  for (const { location } of (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics) {
    const path = relative(folder, location.path);
    const { allowed = [], forbidden = [] } = RULES[path] ?? {};
    const name = [...allowed, ...forbidden][location.start.line - 1] ?? `line ${location.start.line}`;
    refused.set(path, [...(refused.get(path) ?? []), name]);
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test.each(Object.entries(RULES))(
  'the imports of %s: each forbidden one is refused, no other',
  (path, rule) => {
    expect(refused.get(path)?.sort()).toEqual([...rule.forbidden].sort());
  },
);

test('there are rules for every folder of src', async () => {
  const entries = await readdir(join(ROOT, 'src'), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(new Set(Object.keys(RULES).map((path) => path.split('/')[1]))).toEqual(
    new Set([...folders, 'x.ts']),
  );
});
