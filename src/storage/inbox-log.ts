import type { InboxPage, LoggedChange } from '../messaging/inbox/log.ts';
import type { InboxLog } from '../messaging/ports.ts';
import type { Executor } from './executor.ts';
import { INBOX_MOVED, INBOX_PAGES } from './statements/inbox.ts';

type Page = InboxPage & { readonly changes: LoggedChange[] };

export function inboxLog(executor: Executor): InboxLog {
  return {
    async read(requests, limit) {
      const users = requests.map(({ userId }) => userId);
      const afters = requests.map(({ after }) => String(after));
      const rows = await executor.run(INBOX_PAGES, [users, afters, limit]);

      const pages: (Page | null)[] = requests.map(() => null);
      for (const { request, epoch, seq, change } of rows) {
        pages[request] ??= { epoch, head: seq, changes: [] };
        if (change !== null) pages[request].changes.push(change);
      }
      return pages;
    },
    async moved(positions) {
      const users = positions.map(({ userId }) => userId);
      const afters = positions.map(({ after }) => String(after));
      const rows = await executor.run(INBOX_MOVED, [users, afters]);
      return {
        epoch: rows[0]?.epoch ?? '',
        users: rows.flatMap(({ userId }) => (userId === null ? [] : [userId])),
      };
    },
  };
}
