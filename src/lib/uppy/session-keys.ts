import { createHeld } from '../held.ts';
import { createSessionTokens, type SessionTokens } from './session.ts';

/** The tokens of a stack's sessions, by keys that are fetched where they are used. */
export type SessionKeys = {
  /**
   * Tokens by the keys as they were within the last five minutes. Of a session whose token names a key that was not
   * there then, the keys are asked for again, so that a replaced key is known at once to whoever reads its first token.
   * @param token the one that is to be read
   */
  tokens(token?: string): Promise<SessionTokens>;
};

export type SessionKeysDeps = {
  /** the present key, and the one before it where that is still good */
  readonly read: () => Promise<readonly [string, ...string[]]>;
  readonly now: () => number;
  /** hears of a read that failed while older keys could stand in */
  readonly onFailure: (error: unknown) => void;
};

/** Keeps keys for as long as their replacement may take to have an effect. Make it once, at module scope. */
export function createSessionKeys({ read, now, onFailure }: SessionKeysDeps): SessionKeys {
  const held = createHeld({ fetch: async () => createSessionTokens(await read()), now, onFailure });
  return {
    tokens: (token) => held.get((tokens) => token === undefined || tokens.knows(token)),
  };
}
