import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { createHeld } from '../held.ts';

/** An issuer's keys could not be had, which says nothing of a token. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';

  constructor(address: string, reason: string, cause?: unknown) {
    super(`the keys of tokens at ${address} cannot be had: ${reason}`, { cause });
  }
}

export type KeysDeps = {
  /** of the issuer, as its tokens have it in `iss` */
  readonly issuer: string;
  /** where its keys are; without it, where its discovery document says */
  readonly address?: string;
  readonly get: (address: string) => Promise<unknown>;
  readonly now: () => number;
  /** hears of a fetch that failed while older keys were used instead */
  readonly onFailure: (error: unknown) => void;
};

// Issuers announce a key before they sign with it. Public keys do no harm for being old: where an issuer is
// out of reach, those that are held serve as long as API Gateway's own authorizer would have kept them.
const LIFETIMES = { freshMs: 10 * 60_000, staleMs: 2 * 3_600_000 };

/**
 * Finds the key that a token is signed with. The keys are fetched once, again after ten minutes, and at once
 * for a token that names a key that is not among them, at most every ten seconds.
 * @throws KeysUnavailable
 */
export function createKeys({ issuer, address, get, now, onFailure }: KeysDeps): JWTVerifyGetKey {
  const held = createHeld({
    fetch: async () => {
      const set = await get(address ?? (await discover(issuer, get)));
      if (!isKeySet(set)) throw new KeysUnavailable(address ?? issuer, 'it answers with something else');
      return { ids: new Set(set.keys.map(({ kid }) => kid)), find: createLocalJWKSet(set) };
    },
    now,
    onFailure,
    ...LIFETIMES,
  });
  return async (header, token) => {
    const { find } = await held.get(({ ids }) => header.kid === undefined || ids.has(header.kid));
    return find(header, token);
  };
}

/** OpenID Connect Discovery: the document names the same issuer, to the letter, or it is another's. */
async function discover(issuer: string, get: KeysDeps['get']): Promise<string> {
  const address = `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`;
  const { issuer: named, jwks_uri: keys } = Object(await get(address));
  if (named !== issuer) throw new KeysUnavailable(address, `it is not of the issuer ${issuer}`);
  if (typeof keys !== 'string' || !URL.canParse(keys)) {
    throw new KeysUnavailable(address, 'it names no jwks_uri');
  }
  if (new URL(keys).protocol !== 'https:' && new URL(issuer).protocol === 'https:') {
    throw new KeysUnavailable(address, 'its jwks_uri is without TLS');
  }
  return keys;
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  const { keys } = Object(value);
  return Array.isArray(keys) && keys.every((key) => typeof key === 'object' && key !== null);
}

const ANSWER_WITHIN_MS = 3_000;

/**
 * The JSON at an address.
 * @throws KeysUnavailable
 */
export async function getJson(address: string): Promise<unknown> {
  try {
    const response = await fetch(address, {
      headers: { accept: 'application/json' },
      redirect: 'error', // where an issuer's keys are is for its document to say
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    if (response.ok) return await response.json();
    throw new KeysUnavailable(address, `it answers with ${response.status}`);
  } catch (error) {
    if (error instanceof KeysUnavailable) throw error;
    throw new KeysUnavailable(address, 'it does not answer', error);
  }
}

/** Whether a token was found wanting, and not the keys that it is verified with. */
export function isOfToken(error: unknown): error is errors.JOSEError {
  return error instanceof errors.JOSEError && !(error instanceof errors.JWKSInvalid);
}
