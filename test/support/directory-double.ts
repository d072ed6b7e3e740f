import type { UserId } from '../../src/messaging/ids.ts';
import type { NamedUser, UserDirectory } from '../../src/messaging/ports.ts';

/** Users in memory, who come and go as a test wants it. */
export class DirectoryInMemory implements UserDirectory {
  readonly rows = new Map<string, UserId>();
  finds = 0;
  /** Whom each check was about. */
  readonly checks: (readonly string[])[] = [];
  failure: Error | null = null;

  async find(externalId: string) {
    this.finds++;
    return this.rows.get(externalId) ?? null;
  }

  async provision(externalId: string) {
    const id = (this.rows.size + 1) as UserId;
    this.rows.set(externalId, id);
    return id;
  }

  async gone<Named extends NamedUser>(users: readonly Named[]): Promise<readonly Named[]> {
    this.checks.push(users.map(({ externalId }) => externalId));
    if (this.failure) throw this.failure;
    return users.filter(({ id, externalId }) => this.rows.get(externalId) !== id);
  }
}
