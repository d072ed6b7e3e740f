/** The documented list; clients switch on it. */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'BAD_USER_INPUT'
  | 'IDEMPOTENCY_CONFLICT'
  | 'RATE_LIMITED'
  | 'RESYNC_REQUIRED'
  | 'QUERY_TOO_COMPLEX'
  | 'UNAVAILABLE'
  | 'INTERNAL';

/** An error that is meant for the client: its message is shown as it stands. Everything else is `INTERNAL`. */
export abstract class ParleyError extends Error {
  abstract readonly code: ErrorCode;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

export class Unauthenticated extends ParleyError {
  readonly code = 'UNAUTHENTICATED';
}

/** The viewer has been deleted, or is no longer whom the token names. */
export class ViewerGone extends Unauthenticated {
  constructor() {
    super('There is no user with the sub of this token any more.');
  }
}

export class Forbidden extends ParleyError {
  readonly code = 'FORBIDDEN';
}

/** What does not exist, and what is not the viewer's: the two must not be told apart. */
export class NotFound extends ParleyError {
  readonly code = 'NOT_FOUND';
}

export class BadUserInput extends ParleyError {
  readonly code = 'BAD_USER_INPUT';

  constructor(
    /** The argument or input field that is wrong. */
    readonly argument: string,
    message: string,
  ) {
    super(message);
  }
}

export class IdempotencyConflict extends ParleyError {
  readonly code = 'IDEMPOTENCY_CONFLICT';
}

/** The log cannot prove that it still holds every event after the client's cursor. */
export class ResyncRequired extends ParleyError {
  readonly code = 'RESYNC_REQUIRED';

  constructor() {
    super(
      'The inbox can no longer be followed from this cursor. Load the data again with a new inboxCursor.',
    );
  }
}

/** More at a time than one client may ask for. */
export class RateLimited extends ParleyError {
  readonly code = 'RATE_LIMITED';

  constructor(
    message: string,
    /** When it may ask again; unknown where it has to wait for its own operations. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

/** More than one operation may be or ask for. */
export class QueryTooComplex extends ParleyError {
  readonly code = 'QUERY_TOO_COMPLEX';
}

/** For now: the database is away, busy or too slow. Trying again later is right. */
export class Unavailable extends ParleyError {
  readonly code = 'UNAVAILABLE';
}
