import pg from 'pg';

/** Advisory locks with two numbers and with one never meet; the triggers use the first number 'plal'. */
const LOCK = [0x706c656d, 1] as const;

const CONNECT_TIMEOUT_MS = 5_000;
/** How soon a lock is taken again that a crash of the server has released. */
const RETAKE_INTERVAL_MS = 1_000;

const APPLICATION_NAME = 'parley embedded, process';

/** That this process, and no other Parley, looks after the server. */
export interface Lock {
  /** Whether the lock is ours, taking it again if the server has dropped it. Never throws. */
  isHeld(): Promise<boolean>;
  /** Call it before the server is stopped: from here on its end is no reason to try again. */
  abandon(): void;
}

/** Takes the lock; a string names the process that has it. Throws what `pg` throws when it cannot connect. */
export async function takeLock(url: string): Promise<Lock | string> {
  let client: pg.Client | undefined;
  let abandoned = false;

  const take = async (): Promise<string | undefined> => {
    const taken = await connectAndLock(url);
    if (typeof taken === 'string') return taken;
    client = taken;
    client.once('end', () => {
      client = undefined;
      retakeLater();
    });
    return undefined;
  };
  const isHeld = async () => {
    if (client === undefined) await take().catch(() => {});
    return client !== undefined;
  };
  const retakeLater = () => {
    if (abandoned) return;
    setTimeout(async () => {
      if (!abandoned && !(await isHeld())) retakeLater();
    }, RETAKE_INTERVAL_MS).unref();
  };

  const holder = await take();
  return (
    holder ?? {
      isHeld,
      abandon: () => {
        abandoned = true;
      },
    }
  );
}

async function connectAndLock(url: string): Promise<pg.Client | string> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: `${APPLICATION_NAME} ${process.pid}`,
    keepAlive: true,
  });
  // Without a listener the server's end would end this process too; what is to be done is done on 'end'.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ ours: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS ours', [
      ...LOCK,
    ]);
    if (rows[0]?.ours) {
      // Only whoever forgot to stop the server would be kept alive by this connection.
      (client as pg.Client & { unref(): void }).unref(); // there since pg 7, missing in its types
      return client;
    }
    const holder = await nameOfHolder(client);
    await client.end();
    return holder;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

async function nameOfHolder(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND classid = $1 AND objid = $2 AND objsubid = 2 AND granted`,
    [...LOCK],
  );
  return rows[0]?.name.replace(APPLICATION_NAME, 'process') ?? 'a process that has just ended';
}
