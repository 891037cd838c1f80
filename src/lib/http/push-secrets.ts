import { createHash, timingSafeEqual } from 'node:crypto';
import { createHeld, type HeldDeps } from '../held.ts';

/**
 * The secrets by which those are known who push notifications: the present one, and the one before it while
 * it is replaced.
 */
export type PushSecrets = {
  /** Whether an `Authorization` header holds one of them: as a bearer token, or as the password of Basic. */
  readonly know: (authorization: string | undefined) => Promise<boolean>;
};

type PushSecretsDeps = Omit<HeldDeps<unknown>, 'fetch'> & {
  readonly read: () => Promise<readonly [string, ...string[]]>;
};

const LEAST_SECRET_CHARACTERS = 32;

/**
 * Keeps the secrets' digests, of one length, so that comparing takes the same time whatever was sent. Make it
 * once, at module scope.
 */
export function createPushSecrets({ read, now, onFailure }: PushSecretsDeps): PushSecrets {
  const held = createHeld({ fetch: async () => (await read()).map(toDigest), now, onFailure });
  return {
    async know(authorization) {
      const given = secretIn(authorization);
      if (given === undefined) return false;
      const digest = digestOf(given);
      const isOneOf = (digests: readonly Buffer[]) =>
        digests.filter((one) => timingSafeEqual(one, digest)).length > 0;
      return isOneOf(await held.get(isOneOf));
    },
  };
}

function toDigest(secret: string): Buffer {
  if (secret.length < LEAST_SECRET_CHARACTERS)
    throw new Error('a secret of pushed notifications is too short');
  return digestOf(secret);
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * MinIO sends a bearer token. Stores that are told nothing but a URL (versitygw, Ceph) make Basic of the name
 * and password in it; whose name it is says nothing.
 */
function secretIn(authorization = ''): string | undefined {
  const [, scheme = '', rest = ''] = /^(bearer|basic) +(\S+) *$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return rest;
  if (scheme === '') return undefined;
  const pair = Buffer.from(rest, 'base64').toString();
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : undefined;
}
