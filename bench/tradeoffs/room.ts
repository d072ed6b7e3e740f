import { mkdir, statfs } from 'node:fs/promises';
import { DATA } from '../database/cluster.ts';
import type { Form } from './forms.ts';

/** Of a generated database with all indexes, the inbox included: 535 with 500,000 messages. */
const BYTES_A_MESSAGE = 550;
/** What a change of form leaves, and needs meanwhile, for each database. */
const COMMAND_FACTOR = 1;
/** Its own cluster keeps one, a copy of that is written to, and the replica has both. */
const REPLICATED_DATABASES = 4;
/** The generated one and, with an index each missing, its copies. */
const INDEX_DATABASES = 8;
/** The generated one, and one with partitions. */
const CLONED = 2;
/** The write-ahead logs of three servers, each up to PostgreSQL's `max_wal_size`. */
const FIXED_BYTES = 4 * 2 ** 30;
const GB = 1e9;

/** Bytes on the disk at the worst moment. */
export function neededBytes(messages: number, forms: readonly Form[]): number {
  const databases = forms.map(({ through, commands }) =>
    through === 'replica' ? REPLICATED_DATABASES : 1 + commands.length * COMMAND_FACTOR,
  );
  const most = Math.max(CLONED + databases.reduce((sum, one) => sum + one, 0), INDEX_DATABASES);
  return messages * BYTES_A_MESSAGE * most + FIXED_BYTES;
}

/** @returns what is needed and what there is, as a sentence. @throws when there is too little */
export async function checkRoom(messages: number, forms: readonly Form[]): Promise<string> {
  await mkdir(DATA, { recursive: true });
  const { bavail, bsize } = await statfs(DATA);
  const [needed, free] = [neededBytes(messages, forms), bavail * bsize];
  const sentence = `${messages} messages in ${forms.length} forms may need ${gigabytes(needed)}; ${gigabytes(free)} are free`;
  if (free < needed) throw new Error(`${sentence} at ${DATA}: make room, or ask for fewer with --messages.`);
  return sentence;
}

const gigabytes = (bytes: number) => `${(bytes / GB).toFixed(0)} GB`;
