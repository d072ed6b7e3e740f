import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeOwnedFile } from './owned-file.ts';
import { dataIn, type Site } from './site.ts';

/** Names and values of postgresql.conf. */
export type Settings = Readonly<Record<string, string>>;

/** Included by postgresql.conf. */
export const SETTINGS_FILE = 'parley.conf';

const DEFAULTS: Settings = {
  listen_addresses: '127.0.0.1',
  // A socket's path may have 107 bytes, and a checkout's is easily longer.
  unix_socket_directories: '',
  max_connections: '200',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

export async function writeSettings(site: Site, port: number, more: Settings): Promise<void> {
  const lines = Object.entries({ ...DEFAULTS, ...more, port: String(port) }).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`,
  );
  await writeOwnedFile(join(dataIn(site.home), SETTINGS_FILE), lines.join(''), site.account);
}

/** The port of the last start. */
export async function rememberedPort(site: Site): Promise<number | undefined> {
  const text = await readFile(join(dataIn(site.home), SETTINGS_FILE), 'utf8').catch(() => '');
  const port = /^port = '(\d+)'$/m.exec(text)?.[1];
  return port === undefined ? undefined : Number(port);
}
