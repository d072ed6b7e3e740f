import { readMigrations } from '../../src/storage/migrations/source.ts';

/** The committed migrations, oldest first. */
export const NAMES = (await readMigrations()).map(({ name }) => name);
