import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** Makes and reads texts that only the holder of a key can have made. */
export type SignedTexts = {
  /** `<format>.<key id>.<payload>.<mac>`, all of it safe in a URL. */
  sign(payload: string): string;
  /** The payload; undefined for a text that none of the keys has signed. */
  open(text: string): string | undefined;
  /**
   * False for a text that another key than these may have signed; it says nothing of whether the text is
   * good.
   */
  knows(text: string): boolean;
};

/** The value in place of a previous key if there is none. */
export const NO_KEY = 'none';

/** The keys in the order in which createSignedTexts wants them. */
export function toSecrets(current: string, previous: string | undefined): readonly [string, ...string[]] {
  return previous === undefined || previous === NO_KEY ? [current] : [current, previous];
}

/**
 * Texts signed by HMAC-SHA-256. They are signed with the first key and read with any of them, so that a key
 * can be replaced while texts of the old one are still in use. Anybody who has the text can read the payload.
 * @param format names what is signed: a text of one format is none of another, though the keys are the same
 */
export function createSignedTexts(format: string, secrets: readonly [string, ...string[]]): SignedTexts {
  const keys = secrets.map((secret) => toKey(format, secret));
  const [first] = keys;
  if (first === undefined) throw new Error('no key for upload sessions');
  return {
    sign(payload) {
      const signed = `${format}.${first.id}.${Buffer.from(payload).toString('base64url')}`;
      return `${signed}.${macOf(first, signed)}`;
    },

    open(text) {
      const [named, id, payload, mac, ...more] = text.split('.');
      const key = keys.find((known) => known.id === id);
      const isComplete = payload !== undefined && mac !== undefined && more.length === 0;
      if (named !== format || key === undefined || !isComplete) return undefined;
      if (!isSame(mac, macOf(key, `${format}.${id}.${payload}`))) return undefined;
      return Buffer.from(payload, 'base64url').toString();
    },

    knows(text) {
      const [named, id, ...rest] = text.split('.');
      return named !== format || rest.length !== 2 || keys.some((known) => known.id === id);
    },
  };
}

type Key = { readonly id: string; readonly secret: KeyObject };

const LEAST_SECRET_CHARACTERS = 32;

function toKey(format: string, secret: string): Key {
  if (secret.length < LEAST_SECRET_CHARACTERS) throw new Error('the key for upload sessions is too short');
  // A key's name comes from its digest, so no number has to be kept in step with it. The name shows 48 bits
  // of the digest.
  const id = createHash('sha256').update(`${format} ${secret}`).digest('base64url').slice(0, 8);
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
