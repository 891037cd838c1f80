// The app's own users and sessions. A real app has them in a database; here they end with the process.
import { randomUUID, timingSafeEqual } from 'node:crypto';

export type Person = {
  readonly id: string;
  readonly name: string;
  /** the id of an accepted upload */
  avatar?: string;
};

export type People = {
  readonly all: () => readonly Person[];
  readonly find: (id: string) => Person | undefined;
  /** Begins a session. Undefined when name and password do not belong together. */
  readonly signIn: (id: string, password: string) => string | undefined;
  readonly bySession: (session: string | undefined) => Person | undefined;
  readonly signOut: (session: string | undefined) => void;
};

/** The same for both, and no secret: it opens an example on one machine. */
export const PASSWORD = 'open-the-sluice';

export function createPeople(): People {
  const people: readonly Person[] = [
    { id: 'ada', name: 'Ada' },
    { id: 'ben', name: 'Ben' },
  ];
  const sessions = new Map<string, Person>();
  const find: People['find'] = (id) => people.find((person) => person.id === id);
  return {
    all: () => people,
    find,
    signIn: (id, password) => {
      const person = find(id);
      if (person === undefined || !isSame(password, PASSWORD)) return undefined;
      const session = randomUUID();
      sessions.set(session, person);
      return session;
    },
    bySession: (session) => (session === undefined ? undefined : sessions.get(session)),
    signOut: (session) => {
      if (session !== undefined) sessions.delete(session);
    },
  };
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
