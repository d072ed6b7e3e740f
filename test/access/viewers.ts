import type { Person } from '../support/people.ts';
import type { Subject, Viewer, World } from './world.ts';

/** What two people have of each other, and everyone who asks about it. */
export interface Population {
  readonly alices: Subject;
  readonly bobs: Subject;
  readonly viewers: Readonly<Record<Kind, Viewer>>;
  /** With whom others can correspond. */
  readonly carol: Person;
}

export const USERS = ['one participant', 'the other participant', 'a stranger', 'an administrator'] as const;
const OTHERS = ['someone deleted', 'someone without a token'] as const;
export const KINDS = [...USERS, ...OTHERS];
export type Kind = (typeof KINDS)[number];

/** The stranger knows one of the two, the administrator neither; both have correspondence of their own. */
export async function populate(world: World): Promise<Population> {
  const names = ['alice', 'bob', 'mallory', 'root', 'carol', 'gone'] as const;
  const people = await Promise.all(names.map((name) => world.createPerson(name)));
  const [alice, bob, mallory, root, carol, gone] = people as [Person, Person, Person, Person, Person, Person];
  const [alices, bobs] = await world.correspond(alice, bob);
  const [mallorys] = await world.correspond(mallory, alice);
  const [roots] = await world.correspond(root, carol);
  const [gones] = await world.correspond(gone, carol);
  await world.deleteUser(gone);
  const viewers: Population['viewers'] = {
    'one participant': await world.viewer(alices),
    'the other participant': await world.viewer(bobs),
    'a stranger': await world.viewer(mallorys),
    'an administrator': await world.viewer(roots, { admin: true }),
    'someone deleted': await world.viewer(gones, { state: 'deleted' }),
    'someone without a token': {
      authorization: null,
      row: null,
      admin: false,
      state: 'nobody',
      own: alices,
    },
  };
  return { alices, bobs, viewers, carol };
}
