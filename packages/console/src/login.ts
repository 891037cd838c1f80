import type { TokenSource } from '@sluice/client/api';
import type { Cognito, Tokens } from '@sluice/client/cognito';
import { readClaims } from './claims.ts';

/** Somebody who is signed in. */
export type Login = {
  readonly name: string;
  readonly token: TokenSource;
  /** Forgets the tokens, and makes the long-lived one worthless where there is one. */
  readonly end: () => Promise<void>;
};

export type LoginDeps = {
  /** absent when people bring tokens of their own issuer */
  readonly cognito: Cognito | undefined;
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly now: () => number;
};

const KEY = 'sluice.token';
// Renewed this long before its end, so that no call starts with a token that dies on the way.
const RESERVE_MS = 60_000;

/**
 * Opens a login with fresh tokens; undefined when the token is none that is still good.
 *
 * The ID token, good for an hour, is kept in sessionStorage, so that a reload does not sign anybody out; the
 * browser forgets it with the tab, and shares it with no other. The refresh token, good for weeks, stays in
 * memory. A script that got into this page could use either, wherever they were kept: what keeps it out is
 * the page's Content-Security-Policy. This only bounds what a look at the browser's storage could yield.
 */
export function openLogin(deps: LoginDeps, fresh: Tokens): Login | undefined {
  const { cognito, storage, now } = deps;
  const claims = readClaims(fresh.idToken);
  if (claims === undefined || claims.expiresAt <= now()) return undefined;
  let tokens = fresh;
  storage.setItem(KEY, tokens.idToken);

  const renew = async (): Promise<void> => {
    if (cognito === undefined || tokens.refreshToken === undefined) return;
    try {
      tokens = await cognito.refresh(tokens.refreshToken);
      storage.setItem(KEY, tokens.idToken);
    } catch {
      // The old token is tried then, and the API has the last word on it.
    }
  };

  // Many calls may find the token old at once; one renewal serves them all.
  let renewal: Promise<void> | undefined;
  const renewOnce = (): Promise<void> => {
    renewal ??= renew().finally(() => {
      renewal = undefined;
    });
    return renewal;
  };

  const isOld = () => (readClaims(tokens.idToken)?.expiresAt ?? 0) - RESERVE_MS <= now();

  return {
    name: claims.name,
    token: async (refused) => {
      if (refused === tokens.idToken || isOld()) await renewOnce();
      return tokens.idToken;
    },
    end: async () => {
      storage.removeItem(KEY);
      const { refreshToken } = tokens;
      if (refreshToken !== undefined) await cognito?.revoke(refreshToken).catch(() => undefined);
    },
  };
}

/** The login of this tab from before a reload, if there is one that has not run out. */
export function resumeLogin(deps: LoginDeps): Login | undefined {
  const idToken = deps.storage.getItem(KEY);
  return idToken === null ? undefined : openLogin(deps, { idToken });
}
