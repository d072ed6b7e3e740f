import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import type { Account } from './program.ts';

/** Everything that stays the same about one embedded server, whether it is running or not. */
export interface Site {
  /** What the caller named; appears in messages. */
  readonly directory: string;
  /** The folder that holds the server's data, password and log, and appears only once they are complete. */
  readonly home: string;
  readonly account: Account | undefined;
  readonly binaries: Binaries;
}

export const DATABASE = 'parley';
export const USER = 'parley';

export const dataIn = (home: string) => join(home, 'data');
export const passwordIn = (home: string) => join(home, 'password');
export const logIn = (home: string) => join(home, 'server.log');

export const readPassword = async (home: string) => (await readFile(passwordIn(home), 'utf8')).trim();

/** Connects a superuser; holds the password. */
export const urlOf = (password: string, port: number, database = DATABASE) =>
  `postgresql://${USER}:${password}@127.0.0.1:${port}/${database}`;
