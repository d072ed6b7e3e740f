import pg from 'pg';
import { applyMigrations } from '../../src/storage/migrations/apply.ts';
import { onDatabase } from './database-url.ts';
import { type Form, nameOf, USUAL } from './forms.js';

declare global {
  /** What jest.forms.config.js runs the tests for; else they run for the usual form. */
  var parleyForm: Form | undefined;
}

export const testedForm = (): Form => globalThis.parleyForm ?? USUAL;

/** The database that every test's database is cloned from. */
export const templateOf = (form: Form): string => `parley_template_${nameOf(form)}`;

/** Migrates the template of the usual form, and closes it for all but cloning. */
export function createTemplate(adminUrl: string): Promise<void> {
  return makeTemplate(adminUrl, `CREATE DATABASE ${templateOf(USUAL)}`, USUAL, applyMigrations);
}

/** Makes another form's template of that. @param give gets the address of a database of the usual form */
export function createFormTemplate(
  adminUrl: string,
  form: Form,
  give: (url: string) => Promise<unknown>,
): Promise<void> {
  return makeTemplate(
    adminUrl,
    `CREATE DATABASE ${templateOf(form)} TEMPLATE ${templateOf(USUAL)}`,
    form,
    give,
  );
}

async function makeTemplate(
  adminUrl: string,
  create: string,
  form: Form,
  prepare: (url: string) => Promise<unknown>,
): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(create);
    await prepare(onDatabase(adminUrl, templateOf(form)));
    // One stray connection would make every clone fail.
    await admin.query(`ALTER DATABASE ${templateOf(form)} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true`);
  } finally {
    await admin.end();
  }
}
