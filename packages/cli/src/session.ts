import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Pool, Tokens } from './cognito.ts';

/** A login that is remembered. */
export type Session = Tokens & { readonly pool: Pool };

/** The logins of one file, by the address of the API that they are for. */
export type Sessions = {
  read(endpoint: string): Promise<Session | undefined>;
  write(endpoint: string, session: Session): Promise<void>;
  /** False when there was none. */
  forget(endpoint: string): Promise<boolean>;
};

type Saved = Readonly<Record<string, Session>>;

/** Logins in a file that only its owner can read. What is not readable as such a file counts as empty. */
export function openSessions(path: string): Sessions {
  const load = async (): Promise<Saved> => {
    try {
      const saved: unknown = JSON.parse(await readFile(path, 'utf8'));
      return isSaved(saved) ? saved : {};
    } catch {
      return {};
    }
  };
  const save = async (saved: Saved): Promise<void> => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // Renamed into place: another `sluice` at the same time reads the old file or the new one, never half of one.
    const draft = `${path}.${randomUUID()}`;
    await writeFile(draft, JSON.stringify(saved, undefined, 2), { mode: 0o600, flag: 'wx' });
    await rename(draft, path);
  };
  return {
    read: async (endpoint) => (await load())[endpoint],
    write: async (endpoint, session) => save({ ...(await load()), [endpoint]: session }),
    forget: async (endpoint) => {
      const { [endpoint]: forgotten, ...rest } = await load();
      if (forgotten !== undefined) await save(rest);
      return forgotten !== undefined;
    },
  };
}

function isSaved(value: unknown): value is Saved {
  return typeof value === 'object' && value !== null && Object.values(value).every(isSession);
}

function isSession(value: unknown): value is Session {
  return (
    typeof value === 'object' &&
    value !== null &&
    'idToken' in value &&
    typeof value.idToken === 'string' &&
    'expiresAt' in value &&
    typeof value.expiresAt === 'number' &&
    'pool' in value &&
    typeof value.pool === 'object' &&
    value.pool !== null
  );
}
