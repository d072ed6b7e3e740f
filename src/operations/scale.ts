import { runCommand } from '../lib/command.ts';
import { ARCHIVE_COMMAND } from './scaling/archive.ts';
import { type Command, UsageError } from './scaling/command.ts';
import { DENORMALIZE } from './scaling/denormalize.ts';
import { MATERIALIZE } from './scaling/materialize.ts';
import { PARTITION } from './scaling/partition.ts';
import { REBUILD } from './scaling/rebuild.ts';
import { STATUS } from './scaling/status.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  status: STATUS,
  partition: PARTITION,
  archive: ARCHIVE_COMMAND,
  rebuild: REBUILD,
  materialize: MATERIALIZE,
  denormalize: DENORMALIZE,
};

const USAGE = [
  'Usage: npm run -s scale -- <command>',
  '',
  ...Object.entries(COMMANDS).map(([name, { synopsis, does }]) => `  ${name} ${synopsis}\n      ${does}`),
].join('\n');

/** `npm run scale`: looks after a database that grows. */
async function scale(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  if (name === '--help') {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  try {
    if (name === undefined) throw new UsageError('No command is given');
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command === undefined) throw new UsageError(`There is no command ${JSON.stringify(name)}`);
    await command.run(args);
  } catch (error) {
    throw error instanceof UsageError ? new Error(`${error.message}.\n\n${USAGE}`) : error;
  }
}

await runCommand(scale);
