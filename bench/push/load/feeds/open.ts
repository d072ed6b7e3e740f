import type { FeedOptions } from '../protocol.ts';
import type { Feed } from './feed.ts';
import { openLineFeed, pushedText } from './lines.ts';
import { openMutationFeed } from './mutations.ts';
import { openSqlFeed } from './sql.ts';

export async function openFeed(options: FeedOptions): Promise<Feed> {
  switch (options.kind) {
    case 'sql':
      return openSqlFeed(options.databaseUrl);
    case 'events':
      return openLineFeed(options.port, (inbox) => inbox);
    case 'texts':
      return openLineFeed(options.port, pushedText);
    case 'mutations':
      return openMutationFeed(options.url, options.addresses);
  }
}
