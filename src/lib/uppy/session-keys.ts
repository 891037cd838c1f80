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

const FRESH_MS = 5 * 60_000;
// Where the keys cannot be read, those that are held serve a while longer. Not for good: a key that was taken back has to end.
const STALE_MS = 15 * 60_000;
// Anybody can write down a token of an unknown key, and none of them may have the keys read on every call.
const ASK_AGAIN_AFTER_MS = 10_000;

/** Keeps keys for as long as their replacement may take to have an effect. Make it once, at module scope. */
export function createSessionKeys({ read, now, onFailure }: SessionKeysDeps): SessionKeys {
  let held: { readonly tokens: SessionTokens; readonly readAt: number } | undefined;
  let reading: Promise<SessionTokens> | undefined;

  const readAnew = (): Promise<SessionTokens> => {
    // Calls that come while the keys are being read wait for the same answer.
    reading ??= fetchTokens().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const fetchTokens = async (): Promise<SessionTokens> => {
    const readAt = now();
    const tokens = createSessionTokens(await read());
    held = { tokens, readAt };
    return tokens;
  };

  return {
    async tokens(token) {
      if (held === undefined) return readAnew();
      const { tokens, readAt } = held;
      const age = now() - readAt;
      const isKnown = token === undefined || tokens.knows(token);
      if (age < FRESH_MS && (isKnown || age < ASK_AGAIN_AFTER_MS)) return tokens;
      try {
        return await readAnew();
      } catch (error) {
        if (!isKnown || age >= STALE_MS) throw error;
        onFailure(error);
        return tokens;
      }
    },
  };
}
