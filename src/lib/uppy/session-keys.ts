import { createTokenKeys, type TokenKeys, type TokenKeysDeps } from '../grant/token-keys.ts';
import { createSessionTokens, type SessionTokens } from './session.ts';

/** The tokens of a stack's sessions, by keys that are fetched when they are used. */
export type SessionKeys = TokenKeys<SessionTokens>;

/** Keeps the keys of the sessions. Make it once, at module scope. */
export function createSessionKeys(deps: Omit<TokenKeysDeps<SessionTokens>, 'create'>): SessionKeys {
  return createTokenKeys({ ...deps, create: createSessionTokens });
}
