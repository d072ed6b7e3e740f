import { ARCHIVE, type Archived, archive } from '../../storage/scaling/partitioning/archive.ts';
import { type Month, readMonth } from '../../storage/scaling/partitioning/months.ts';
import { restore } from '../../storage/scaling/partitioning/restore.ts';
import { type Command, readOptions, UsageError } from './command.ts';
import { number } from './figures.ts';
import { Progress } from './progress.ts';
import { underClaim } from './under-claim.ts';

export const ARCHIVE_COMMAND: Command = {
  synopsis: '--before <year-month> | --revert',
  does: `Takes the partitions of old months off, and keeps their messages in the schema ${ARCHIVE}; --revert brings all of them back.`,
  async run(args) {
    const { before, revert } = readOptions(args, {
      before: { type: 'string' },
      revert: { type: 'boolean', default: false },
    });
    const month = revert ? null : monthOf(before);
    if (revert && before !== undefined) throw new UsageError('--revert brings all months back, not some');
    using progress = new Progress();
    const onMoved = (messages: number) => progress.count(`${number(messages)} messages moved`);
    const tell = (line: string) => progress.tell(line);
    const archived = await underClaim(tell, async (session, signal) => {
      return month === null
        ? restore(session, onMoved, tell, signal)
        : archive(session, month, onMoved, tell, signal);
    });
    process.stdout.write(describe(archived, revert));
  },
};

function monthOf(text: string | undefined): Month {
  if (text === undefined) throw new UsageError('--before is missing');
  const month = readMonth(text);
  if (month === null)
    throw new UsageError(`--before takes a month such as 2024-06, not ${JSON.stringify(text)}`);
  return month;
}

function describe({ tables, messages }: Archived, revert: boolean): string {
  if (tables.length === 0)
    return `Nothing to do: there are no such messages${revert ? ' in the archive' : ''}.\n`;
  const count = `${number(messages)} messages`;
  return revert
    ? `${count} are in messages again.\n`
    : `${count} are in ${tables.join(', ')} now, and in no list any more.\n`;
}
