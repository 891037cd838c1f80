import { CredentialsExpiredError, type SigningCredentials } from './credentials.ts';
import { type Stamp, toStamp } from './stamp.ts';

/** From when to when a signature is good, as S3 counts: in whole seconds. */
export type Lifetime = {
  /** The second of signing, its fraction dropped. */
  readonly stamp: Stamp;
  /** How long from `stamp`. */
  readonly seconds: number;
  /** `stamp` plus `seconds`: the instant from which S3 refuses. */
  readonly expiresAt: Date;
};

/** Seven days: the longest that S3 accepts, because the signing key itself lives no longer. */
export const MAX_EXPIRES_IN_SECONDS = 604_800;

/**
 * Decides how long a signature lives: as long as asked, but never past the credentials that make it.
 *
 * The answer is the true one. The signed time has no fraction of a second, so a URL asked for at 12:00:00.900
 * for a minute dies at 12:01:00.000; credentials that end within a second end it at the second before.
 *
 * @throws {RangeError} when `expiresInSeconds` is not a whole number from 1 to 604 800, or `signedAt` is no
 * date.
 * @throws {CredentialsExpiredError} when the credentials leave not even one second.
 */
export function decideLifetime(
  credentials: SigningCredentials,
  signedAt: Date,
  expiresInSeconds: number,
): Lifetime {
  if (
    !(
      Number.isInteger(expiresInSeconds) &&
      expiresInSeconds >= 1 &&
      expiresInSeconds <= MAX_EXPIRES_IN_SECONDS
    )
  ) {
    throw new RangeError(
      `expiresInSeconds must be a whole number from 1 to ${MAX_EXPIRES_IN_SECONDS}, not ${expiresInSeconds}`,
    );
  }
  const second = Math.floor(signedAt.getTime() / 1000);
  if (Number.isNaN(second)) throw new RangeError('signedAt is not a valid date');
  const seconds = Math.min(expiresInSeconds, remainingSeconds(credentials, second));
  if (seconds < 1) throw new CredentialsExpiredError('the signing credentials have expired');
  return { stamp: toStamp(second), seconds, expiresAt: new Date((second + seconds) * 1000) };
}

function remainingSeconds({ expiration }: SigningCredentials, second: number): number {
  if (expiration === undefined) return Number.POSITIVE_INFINITY;
  return Math.floor(expiration.getTime() / 1000) - second;
}
