import { createHeld } from '../held.ts';
import { createSessionTokens, type SessionTokens } from './session.ts';

/** The tokens of a stack's sessions, by keys that are fetched when they are used. */
export type SessionKeys = {
  /**
   * Tokens by the keys as they were within the last five minutes. If the token names a key that was not among
   * them, the keys are read again, so that a new key works at once.
   * @param token the one that will be read
   */
  tokens(token?: string): Promise<SessionTokens>;
};

export type SessionKeysDeps = {
  /** the current key, and the previous one if it is still valid */
  readonly read: () => Promise<readonly [string, ...string[]]>;
  readonly now: () => number;
  /** called when a read failed and older keys were used instead */
  readonly onFailure: (error: unknown) => void;
};

/** Keeps keys for as long as their replacement may take to have an effect. Make it once, at module scope. */
export function createSessionKeys({ read, now, onFailure }: SessionKeysDeps): SessionKeys {
  const held = createHeld({ fetch: async () => createSessionTokens(await read()), now, onFailure });
  return {
    tokens: (token) => held.get((tokens) => token === undefined || tokens.knows(token)),
  };
}
