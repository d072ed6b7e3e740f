import type { MigrationStatus } from './status.ts';

/** One line for the operator: what a status means, and which command or step comes next. */
export function describeMigrationStatus(status: MigrationStatus): string {
  switch (status.kind) {
    case 'up-to-date':
      return 'The database has all migrations.';
    case 'empty':
      return `The database has no tables of Parley yet. Apply the migrations with: npm run db:migrate`;
    case 'pending':
      return `The database lacks ${list(status.names)}. Apply what is pending with: npm run db:migrate`;
    case 'newer':
      return `The database has ${list(status.names)} that this server does not know: a later release of Parley has migrated it, or does so now.`;
    case 'edited':
      return `The database has another version of ${list(status.names)}. Restore the file as it was when it was applied; put changes into a new migration.`;
    case 'running':
      return `Migration ${status.name} is being applied. Start again when it is done.`;
    case 'failed':
      return `Migration ${status.name} has failed. ${recovery(status.name)}`;
  }
}

/** What to do about a migration that has failed. */
export function recovery(name: string): string {
  return `When its cause is gone, release it with \`npx prisma migrate resolve --rolled-back ${name}\`, then run: npm run db:migrate`;
}

function list(names: readonly string[]): string {
  return `${names.length === 1 ? 'migration' : `${names.length} migrations,`} ${names.join(', ')}`;
}
