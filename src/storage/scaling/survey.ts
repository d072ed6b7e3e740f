import type { Client } from 'pg';
import { type CacheHits, readCacheHits } from './cache-hits.ts';
import { type Growth, readGrowth } from './growth.ts';
import { type IdRoom, readIdRoom } from './id-room.ts';
import { countMessages, type MessageCount } from './message-count.ts';
import { type Preparation, readPreparations } from './preparation.ts';
import { type Ask, readOnly } from './read-only.ts';
import { type MessagesTable, readMessagesTable, readOtherTables } from './relations.ts';
import { type Replicas, readReplicas } from './replicas.ts';

/** Which database was looked at. */
interface Place {
  readonly database: string;
  readonly host: string;
  readonly port: number;
  /** Of PostgreSQL, such as `15.9`. */
  readonly version: string;
  /** Whether it is a replica itself. */
  readonly standby: boolean;
}

/** How a database stands, as far as its size and speed go. */
export interface Survey {
  readonly place: Place;
  readonly messages: MessageCount;
  readonly growth: Growth;
  readonly ids: IdRoom;
  readonly table: MessagesTable;
  readonly otherTables: readonly { readonly name: string; readonly bytes: number }[];
  readonly cache: CacheHits;
  readonly replicas: Replicas;
  readonly preparations: readonly Preparation[];
}

/**
 * Looks at the database without changing anything, and for the same price however many messages there are: from the
 * catalogue, the statistics, and bounded pieces of an index. The tables' owner may do it.
 */
export function survey(client: Client): Promise<Survey> {
  return readOnly(client, async (ask) => {
    const place = await readPlace(ask, client);
    const replicas = await readReplicas(ask);
    const cache = await readCacheHits(ask);
    const table = await readMessagesTable(ask);
    const otherTables = await readOtherTables(ask);
    const preparations = await readPreparations(ask);
    // What reads the messages themselves takes longest, and locks them to the end.
    const ids = await readIdRoom(ask);
    const messages = await countMessages(ask, table);
    const growth = await readGrowth(ask);
    return { place, messages, growth, ids, table, otherTables, cache, replicas, preparations };
  });
}

async function readPlace(ask: Ask, { host, port }: Client): Promise<Place> {
  const [row] = (await ask<Omit<Place, 'host' | 'port'>>(`
    SELECT current_database() AS database, split_part(current_setting('server_version'), ' ', 1) AS version,
      pg_is_in_recovery() AS standby`)) as readonly [Omit<Place, 'host' | 'port'>];
  return { ...row, host, port };
}
