import type { Grantee, User } from '@sluice/contract/caller';
import { Refusal } from '@sluice/contract/refusals';
import type { UploadGrant } from '../grant/grant.ts';
import { createSignedTexts } from '../grant/signed-text.ts';

/** Who uploads with Uppy, and within which limits. A limit that is absent leaves the policy's own. */
export type UploadSession = {
  readonly caller: User | Grantee;
  /** the only policy of the session; without it, the first that accepts the type, as everywhere */
  readonly policy?: string;
  /** the limit for each file, in bytes */
  readonly maxBytes?: number;
  /** canonical content types */
  readonly types?: readonly string[];
  /**
   * milliseconds since the epoch: nothing that is signed for the session outlives it; absent for a bearer
   * token
   */
  readonly expiresAt?: number;
  /** as its row is now; absent for a bearer token, and for a session from before grants */
  readonly grant?: UploadGrant;
};

/** How long a session may last. Even somebody who has stolen the key cannot make a longer one. */
export const MAX_SESSION_SECONDS = 86_400;

/** Makes and reads the tokens that stood for a session in a URL before there were grants. */
export type SessionTokens = {
  /** @param expiresAt milliseconds since the epoch; kept to the second */
  issue(session: UploadSession, expiresAt: number): string;
  /**
   * Refuses `session_invalid` and `session_expired`. A token that outlasts MAX_SESSION_SECONDS is no token of
   * ours.
   */
  read(token: string, now: number): UploadSession & { readonly expiresAt: number };
  /**
   * False for a token that another key than these may have made; it says nothing of whether the token is
   * good.
   */
  knows(token: string): boolean;
};

// `slu1` names the format; the logger recognises a token by it (see redact.ts).
const FORMAT = 'slu1';

// The clocks of the functions that write and read a token may differ by this much.
const CLOCK_SKEW_MS = 60_000;

// One letter each: the token is in the path of every call that Uppy makes.
type Payload = {
  readonly t: string;
  readonly s: string;
  /** seconds since the epoch */
  readonly e: number;
  readonly p?: string;
  readonly m?: number;
  readonly y?: readonly string[];
};

/**
 * Tokens `slu1.<key id>.<payload>.<mac>`, signed with the first key and read with any of them. Anybody who
 * has the token can read the payload; it says nothing that they do not know.
 */
export function createSessionTokens(secrets: readonly [string, ...string[]]): SessionTokens {
  const texts = createSignedTexts(FORMAT, secrets);
  return {
    issue({ caller, policy, maxBytes, types }, expiresAt) {
      const payload: Payload = {
        t: caller.tenant,
        s: caller.subject,
        e: Math.floor(expiresAt / 1000),
        ...(policy !== undefined && { p: policy }),
        ...(maxBytes !== undefined && { m: maxBytes }),
        ...(types && { y: types }),
      };
      return texts.sign(JSON.stringify(payload));
    },

    read(token, now) {
      const payload = texts.open(token);
      if (payload === undefined) throw new Refusal('session_invalid');
      // Only `issue` can have written what follows.
      const { t, s, e, p, m, y }: Payload = JSON.parse(payload);
      const expiresAt = e * 1000;
      if (now >= expiresAt) throw new Refusal('session_expired');
      // This is not only checked when tokens are issued: otherwise a leaked key could sign for decades.
      if (expiresAt - now > MAX_SESSION_SECONDS * 1000 + CLOCK_SKEW_MS) throw new Refusal('session_invalid');
      return {
        caller: { kind: 'user', tenant: t, subject: s },
        ...(p !== undefined && { policy: p }),
        ...(m !== undefined && { maxBytes: m }),
        ...(y && { types: y }),
        expiresAt,
      };
    },

    knows: texts.knows,
  };
}
