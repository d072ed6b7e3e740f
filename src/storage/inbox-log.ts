import type { InboxPage, LoggedChange } from '../messaging/inbox/log.ts';
import type { MessageWithPeople } from '../messaging/model.ts';
import type { InboxLog } from '../messaging/ports.ts';
import type { Executor } from './executor.ts';
import { INBOX_MOVED, INBOX_PAGES } from './statements/inbox.ts';

type Page = InboxPage & { readonly changes: LoggedChange[] };

function withMessage(change: LoggedChange, message: MessageWithPeople | null, at: number): LoggedChange {
  return message === null || change.kind !== 'sent' ? change : { ...change, seen: { message, at } };
}

export function inboxLog(executor: Executor): InboxLog {
  return {
    async read(requests, limit) {
      const users = requests.map(({ userId }) => userId);
      const afters = requests.map(({ after }) => String(after));
      const at = performance.now();
      const rows = await executor.run(INBOX_PAGES, [users, afters, limit]);

      const pages: (Page | null)[] = requests.map(() => null);
      for (const { request, epoch, seq, change, message } of rows) {
        pages[request] ??= { epoch, head: seq, changes: [] };
        if (change !== null) pages[request].changes.push(withMessage(change, message, at));
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
