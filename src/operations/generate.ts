import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { printSchema } from 'graphql';
import { VARIABLES } from '../environment.ts';
import { runCommand } from '../lib/command.ts';
import { schema } from '../schema/schema.ts';

/** The committed files that other files determine. */
const FILES: Readonly<Record<string, () => string>> = {
  'schema.graphql': () => `${printSchema(schema)}\n`,
  '.env.example': printEnvironment,
};

function printEnvironment(): string {
  const entries = Object.entries(VARIABLES).map(
    ([name, { description, takes, fallback }]) =>
      `# ${description}\n# Takes ${takes}.\n${fallback === undefined ? `# ${name}=` : `${name}=${fallback}`}\n`,
  );
  return `# Copy to .env and change what you need. Generated from src/environment.ts: npm run generate\n\n${entries.join('\n')}`;
}

/** `npm run generate` writes the files; with `--check` it only says which ones are out of date, and exits with 1. */
async function generate(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  for (const [name, print] of Object.entries(FILES)) {
    const path = fileURLToPath(new URL(`../../${name}`, import.meta.url));
    const committed = await readFile(path, 'utf8').catch(() => '');
    if (committed === print()) continue;
    if (!values.check) await writeFile(path, print());
    else throw new Error(`${name} is out of date; run: npm run generate`);
  }
}

await runCommand(generate);
