import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { Refusal } from '@sluice/contract/refusals';
import type { Owner } from '@sluice/contract/upload';

/** Who uploads with Uppy, and within which limits. A limit that is absent leaves the policy's own. */
export type UploadSession = {
  readonly caller: Owner;
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
};

/** How long a session may last. Even somebody who has stolen the key cannot make a longer one. */
export const MAX_SESSION_SECONDS = 86_400;

/** Makes and reads the tokens that stand for a session in a URL. */
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
 * Tokens signed by HMAC-SHA-256: `slu1.<key id>.<payload>.<mac>`, all of it safe in a URL. They are signed
 * with the first key and read with any of them, so that a key can be replaced while tokens of the old one are
 * still in use. Anybody who has the token can read the payload; it says nothing that they do not know.
 */
export function createSessionTokens(secrets: readonly [string, ...string[]]): SessionTokens {
  const keys = secrets.map(toKey);
  const [first] = keys;
  if (first === undefined) throw new Error('no key for upload sessions');
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
      const signed = `${FORMAT}.${first.id}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`;
      return `${signed}.${macOf(first, signed)}`;
    },

    read(token, now) {
      const [format, id, payload, mac, ...more] = token.split('.');
      const key = keys.find((known) => known.id === id);
      const isComplete = payload !== undefined && mac !== undefined && more.length === 0;
      if (format !== FORMAT || key === undefined || !isComplete) throw new Refusal('session_invalid');
      if (!isSame(mac, macOf(key, `${format}.${id}.${payload}`))) throw new Refusal('session_invalid');
      // Only `issue` can have written what follows.
      const { t, s, e, p, m, y }: Payload = JSON.parse(Buffer.from(payload, 'base64url').toString());
      const expiresAt = e * 1000;
      if (now >= expiresAt) throw new Refusal('session_expired');
      // This is not only checked when tokens are issued: otherwise a leaked key could sign for decades.
      if (expiresAt - now > MAX_SESSION_SECONDS * 1000 + CLOCK_SKEW_MS) throw new Refusal('session_invalid');
      return {
        caller: { tenant: t, subject: s },
        ...(p !== undefined && { policy: p }),
        ...(m !== undefined && { maxBytes: m }),
        ...(y && { types: y }),
        expiresAt,
      };
    },

    knows(token) {
      const [format, id, ...rest] = token.split('.');
      return format !== FORMAT || rest.length !== 2 || keys.some((known) => known.id === id);
    },
  };
}

/** The value in place of a previous key if there is none. */
export const NO_KEY = 'none';

/** The keys in the order in which createSessionTokens wants them. */
export function toSecrets(current: string, previous: string | undefined): readonly [string, ...string[]] {
  return previous === undefined || previous === NO_KEY ? [current] : [current, previous];
}

type Key = { readonly id: string; readonly secret: KeyObject };

const LEAST_SECRET_CHARACTERS = 32;

function toKey(secret: string): Key {
  if (secret.length < LEAST_SECRET_CHARACTERS) throw new Error('the key for upload sessions is too short');
  // A key's name comes from its digest, so no number has to be kept in step with it. The name shows 48 bits
  // of the digest.
  const id = createHash('sha256').update(`${FORMAT} ${secret}`).digest('base64url').slice(0, 8);
  return { id, secret: createSecretKey(secret, 'utf8') };
}

function macOf({ secret }: Key, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}

// The texts are compared, not their bytes: base64 has several spellings of the same bytes.
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
