import { createHeld } from '../held.ts';

/** Makes and reads tokens with keys that are fetched when they are used. */
export type TokenKeys<Tokens> = {
  /**
   * Tokens by the keys as they were within the last five minutes. If the token names a key that was not among
   * them, the keys are read again, so that a new key works at once.
   * @param token the one that will be read
   */
  tokens(token?: string): Promise<Tokens>;
};

export type TokenKeysDeps<Tokens> = {
  /** the current key, and the previous one if it is still valid */
  readonly read: () => Promise<readonly [string, ...string[]]>;
  readonly create: (secrets: readonly [string, ...string[]]) => Tokens;
  readonly now: () => number;
  /** called when a read failed and older keys were used instead */
  readonly onFailure: (error: unknown) => void;
};

/** Keeps keys for as long as their replacement may take to have an effect. Make it once, at module scope. */
export function createTokenKeys<Tokens extends { knows(token: string): boolean }>({
  read,
  create,
  now,
  onFailure,
}: TokenKeysDeps<Tokens>): TokenKeys<Tokens> {
  const held = createHeld({ fetch: async () => create(await read()), now, onFailure });
  return {
    tokens: (token) => held.get((tokens) => token === undefined || tokens.knows(token)),
  };
}
