import { TestClient } from './client.ts';
import { createUsers, type TestServer } from './server.ts';

/** A user with everything that a test needs of them. */
export interface Person {
  readonly name: string;
  readonly client: TestClient;
  /** `users.id` */
  readonly row: number;
  /** The global id. */
  readonly id: string;
}

let count = 0;

/** New users, whose names begin as given and are like no others; the server has already looked them up once. */
export async function createPeople<const Names extends readonly string[]>(
  server: Pick<TestServer, 'url' | 'pool'>,
  ...names: Names
): Promise<{ [K in keyof Names]: Person }> {
  const unique = names.map((name) => `${name}-${process.pid}-${++count}`);
  const rows = await createUsers(server.pool, ...unique);
  const people = unique.map(async (name, i): Promise<Person> => {
    const client = new TestClient(server.url, name);
    const { viewer } = await client.data('{ viewer { id } }');
    return { name, client, row: rows[i] as number, id: viewer.id };
  });
  return Promise.all(people) as Promise<{ [K in keyof Names]: Person }>;
}

/** The same person, as a client of another node. */
export function onNode(person: Person, node: Pick<TestServer, 'url'>): Person {
  return { ...person, client: new TestClient(node.url, person.name) };
}
