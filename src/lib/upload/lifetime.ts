import { Refusal } from '@sluice/contract/refusals';

/**
 * For how many seconds to sign: as long as wanted, but no longer than the caller's session.
 * @param notAfter milliseconds since the epoch; absent for a caller with a token of their own
 * Refuses `session_expired` if less than a second is left.
 */
export function secondsToSign(wanted: number, now: number, notAfter: number | undefined): number {
  if (notAfter === undefined) return wanted;
  // A signature's time counts from the second in which it was made.
  const left = Math.floor(notAfter / 1000) - Math.floor(now / 1000);
  if (left < 1) throw new Refusal('session_expired');
  return Math.min(wanted, left);
}
