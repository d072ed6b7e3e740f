import type { InboxPage, LoggedChange } from '../messaging/inbox/log.ts';
import type { InboxLog } from '../messaging/ports.ts';
import type { Executor } from './executor.ts';
import { INBOX_MOVED, INBOX_PAGES } from './statements/inbox.ts';

export function inboxLog(executor: Executor): InboxLog {
  return {
    async read(requests, limit) {
      const users = requests.map(({ userId }) => userId);
      const afters = requests.map(({ after }) => String(after));
      const rows = await executor.run(INBOX_PAGES, [users, afters, limit]);

      const pages = requests.map(() => ({ epoch: '', head: 0n, changes: [] as LoggedChange[] }));
      for (const { request, epoch, seq, change } of rows) {
        const page = pages[request] as InboxPage & { changes: LoggedChange[] };
        Object.assign(page, { epoch, head: seq });
        if (change !== null) page.changes.push(change);
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
