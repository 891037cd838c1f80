import { Refusal } from '@sluice/contract/refusals';
import { MAX_GRANT_SECONDS } from './grant.ts';
import { createSignedTexts } from './signed-text.ts';

/** What a grant's token says. All else is in its row, and without the row a token is worth nothing. */
export type GrantToken = {
  readonly grantId: string;
  /** milliseconds since the epoch */
  readonly expiresAt: number;
};

/** Makes and reads the tokens that stand for a grant. */
export type GrantTokens = {
  /** The end is kept to the second. */
  issue(grant: GrantToken): string;
  /**
   * Refuses `session_invalid` and `session_expired`. A token that outlasts MAX_GRANT_SECONDS is no token of
   * ours.
   */
  read(token: string, now: number): GrantToken;
  /**
   * False for a token that another key than these may have made; it says nothing of whether the token is
   * good.
   */
  knows(token: string): boolean;
};

// `slu2` names the format; the logger recognises a token by it (see redact.ts).
const FORMAT = 'slu2';

/** True for a text that is a grant's token, good or bad, and no other kind of token. */
export function isGrantToken(text: string): boolean {
  return text.startsWith(`${FORMAT}.`);
}

// The clocks of the functions that write and read a token may differ by this much.
const CLOCK_SKEW_MS = 60_000;

// One letter each: the token is in the path of every call that Uppy makes.
type Payload = {
  readonly g: string;
  /** seconds since the epoch */
  readonly e: number;
};

/** Tokens `slu2.<key id>.<payload>.<mac>`, signed with the first key and read with any of them. */
export function createGrantTokens(secrets: readonly [string, ...string[]]): GrantTokens {
  const texts = createSignedTexts(FORMAT, secrets);
  return {
    issue({ grantId, expiresAt }) {
      const payload: Payload = { g: grantId, e: Math.floor(expiresAt / 1000) };
      return texts.sign(JSON.stringify(payload));
    },

    read(token, now) {
      const payload = texts.open(token);
      if (payload === undefined) throw new Refusal('session_invalid');
      // Only `issue` can have written what follows.
      const { g, e }: Payload = JSON.parse(payload);
      const expiresAt = e * 1000;
      if (now >= expiresAt) throw new Refusal('session_expired');
      // This is not only checked when tokens are issued: otherwise a leaked key could sign for decades.
      if (expiresAt - now > MAX_GRANT_SECONDS * 1000 + CLOCK_SKEW_MS) throw new Refusal('session_invalid');
      return { grantId: g, expiresAt };
    },

    knows: texts.knows,
  };
}
