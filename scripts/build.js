// Builds dist/. The Prisma client is generated only when its inputs have changed: that takes longer than all the rest,
// and every command that runs from dist/ builds first. Prints nothing unless something is wrong.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const require = createRequire(import.meta.url);

const GENERATED = 'src/storage/generated';
const STAMP = `${GENERATED}/.inputs`;

function inputs() {
  const hash = createHash('sha256');
  for (const file of ['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json'])
    hash.update(readFileSync(file));
  return hash.digest('hex');
}

function run(packageName, program, ...args) {
  const manifest = require.resolve(`${packageName}/package.json`);
  const { bin } = require(manifest);
  const script = new URL(typeof bin === 'string' ? bin : bin[program], `file://${manifest}`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(script), ...args], {
    stdio: 'pipe',
    // Prisma would ask its makers for a newer version, and tell them of this one.
    env: { ...process.env, CHECKPOINT_DISABLE: '1' },
  });
  if (status !== 0) {
    process.stderr.write(stdout);
    process.stderr.write(stderr);
    process.exit(status ?? 1);
  }
}

if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== inputs()) {
  run('prisma', 'prisma', 'generate', '--no-hints');
  writeFileSync(STAMP, inputs());
}
run('typescript', 'tsc', '-p', 'tsconfig.build.json');
