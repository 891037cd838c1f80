import { readFile } from 'node:fs/promises';
import type { Tokens, UserPool } from '@sluice/client/cognito';
import { isFields } from '@sluice/client/fields';
import { writeOwnFile } from './write-file.ts';

/** A login that is remembered. */
export type Login = {
  readonly pool: UserPool;
  readonly idToken: string;
  readonly refreshToken?: string | undefined;
  /** milliseconds since the epoch */
  readonly expiresAt: number;
};

/** The logins of one file, by the address of the API that they are for. */
export type Logins = {
  read(endpoint: string): Promise<Login | undefined>;
  write(endpoint: string, login: Login): Promise<void>;
  /** False when there was none. */
  forget(endpoint: string): Promise<boolean>;
};

/** What Cognito gave just now, to be remembered. */
export function toLogin(pool: UserPool, tokens: Tokens, now: number): Login {
  const { idToken, refreshToken, expiresInSeconds = 3600 } = tokens;
  return { pool, idToken, refreshToken, expiresAt: now + expiresInSeconds * 1000 };
}

type Saved = Readonly<Record<string, Login>>;

/** Logins in a file that only its owner can read. What is not readable as such a file counts as empty. */
export function openLogins(path: string): Logins {
  const load = async (): Promise<Saved> => {
    try {
      const saved: unknown = JSON.parse(await readFile(path, 'utf8'));
      return isSaved(saved) ? saved : {};
    } catch {
      return {};
    }
  };
  const save = (saved: Saved) => writeOwnFile(path, JSON.stringify(saved, undefined, 2));
  return {
    read: async (endpoint) => (await load())[endpoint],
    write: async (endpoint, login) => save({ ...(await load()), [endpoint]: login }),
    forget: async (endpoint) => {
      const { [endpoint]: forgotten, ...rest } = await load();
      if (forgotten !== undefined) await save(rest);
      return forgotten !== undefined;
    },
  };
}

function isSaved(value: unknown): value is Saved {
  return isFields(value) && Object.values(value).every(isLogin);
}

function isLogin(value: unknown): value is Login {
  return (
    isFields(value) &&
    typeof value.idToken === 'string' &&
    typeof value.expiresAt === 'number' &&
    isFields(value.pool)
  );
}
