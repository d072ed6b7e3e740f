import pg from 'pg';
import { postgresBus } from '../../../../src/bus/postgres.ts';
import type { UserId } from '../../../../src/messaging/ids.ts';
import { NOTIFY } from '../../../../src/storage/statements/notify.ts';
import { now } from '../../../support/clock.ts';
import type { Feed } from './feed.ts';

/** As many as a node has by default. */
const CONNECTIONS = 10;
const INSERT = 'INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, $2, $3)';

/** Another program that INSERTs row by row, and hints after each commit as another node does. */
export function openSqlFeed(databaseUrl: string): Feed {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS });
  const bus = postgresBus({
    directUrl: databaseUrl,
    notify: (channel, payload) =>
      pool.query({ name: NOTIFY.name, text: NOTIFY.text, values: [channel, payload] }),
    onLost(error) {
      throw error;
    },
    onBack() {},
  });
  return {
    async send({ sender, receiver, text }) {
      await pool.query({ name: 'insert', text: INSERT, values: [sender.row, receiver.row, text] });
      const committedAt = now();
      bus.publish([sender.row as UserId, receiver.row as UserId]);
      return committedAt;
    },
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      await pool.end();
    },
  };
}
