import { convert } from '../../src/storage/scaling/partitioning/convert.ts';
import { type Month, monthsUntil } from '../../src/storage/scaling/partitioning/months.ts';
import { withSession } from '../../src/storage/scaling/session.ts';
import { startForAll } from './global-setup.ts';

/** As many as a database of some years has, from before the times that tests give their messages to after them. */
const MONTHS = monthsUntil('2025-06' as Month, '2027-02' as Month);

/** Like the usual one, with a template whose messages have a partition for each month. */
export default function globalSetupPartitioned(): Promise<void> {
  return startForAll((url) =>
    withSession(url, (session) =>
      convert(
        session,
        'partitioned',
        { onStep: () => {}, tell: () => {} },
        new AbortController().signal,
        MONTHS,
      ),
    ),
  );
}
