import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';

/**
 * The SDK asks again when a key has this long to live, so asking the source earlier or later would ask it
 * twice.
 */
const REFRESH_BEFORE_MS = 5 * 60_000;

/**
 * Remembers what a provider gave until shortly before it expires, and asks once however many calls wait for
 * it. When the source fails in those last minutes, the key at hand is used to its end: an outage of STS
 * shorter than that goes unnoticed.
 */
export function refreshing(
  provider: AwsCredentialIdentityProvider,
  now: () => number = Date.now,
  beforeMs = REFRESH_BEFORE_MS,
): AwsCredentialIdentityProvider {
  let held: AwsCredentialIdentity | undefined;
  let pending: Promise<AwsCredentialIdentity> | undefined;

  const lives = (key: AwsCredentialIdentity, marginMs: number) =>
    key.expiration === undefined || key.expiration.getTime() - now() > marginMs;
  const ask = async (properties?: Record<string, unknown>) => {
    try {
      held = await provider(properties);
      return held;
    } catch (error) {
      if (held && lives(held, 0)) return held;
      throw error;
    } finally {
      pending = undefined;
    }
  };
  return async (properties) => {
    if (held && lives(held, beforeMs)) return held;
    pending ??= ask(properties);
    return pending;
  };
}
