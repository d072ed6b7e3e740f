export type EmbeddedPostgresErrorCode =
  | 'IN_USE'
  | 'NO_DATABASE'
  | 'NO_BINARIES'
  | 'OTHER_MAJOR_VERSION'
  | 'WRONG_OWNER'
  | 'NOT_WRITABLE'
  | 'DISK_FULL'
  | 'START_FAILED'
  | 'STOP_FAILED';

/** Why the embedded PostgreSQL is not there. The message's first line says what is wrong and what to do about it. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
  readonly code: EmbeddedPostgresErrorCode;

  constructor(code: EmbeddedPostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Turns what the file system or a PostgreSQL program reported into an error that a reader can act on. */
export function explain(error: unknown, path: string): EmbeddedPostgresError {
  if (error instanceof EmbeddedPostgresError) return error;
  if (!(error instanceof Error)) return explain(new Error(String(error)), path);
  // What a program may not do to start is not about that folder, nor is the room for shared memory.
  const reported = `${'code' in error ? error.code : ''} ${error.message}`;
  if (/spawn |shared memory segment/.test(reported)) return startFailed(error, path);
  if (
    /ENOSPC|EDQUOT|53100|No space left on device|Disk quota exceeded|Check free disk space/.test(reported)
  ) {
    return new EmbeddedPostgresError(
      'DISK_FULL',
      `The disk that holds ${path} is full: free some space and start again.\n${error.message}`,
      { cause: error },
    );
  }
  // ENOENT: what Node's recursive mkdir reports for a read-only file system.
  if (/EACCES|EPERM|EROFS|ENOENT.*mkdir|Permission denied|Read-only file system/.test(reported)) {
    return new EmbeddedPostgresError(
      'NOT_WRITABLE',
      `Parley keeps its database in ${path} and may not write there: give this user that folder, or set DATABASE_URL to use a PostgreSQL of your own.\n${error.message}`,
      { cause: error },
    );
  }
  return startFailed(error, path);
}

function startFailed(error: Error, path: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'START_FAILED',
    `The embedded PostgreSQL in ${path} could not be started: ${error.message}`,
    { cause: error },
  );
}
