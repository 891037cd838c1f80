import { Refusal } from '@sluice/contract/refusals';

/**
 * For how many seconds to sign: as long as wanted, and no longer than what the caller is known by.
 * @param notAfter milliseconds since the epoch; absent for a caller who is known by a token of their own
 * Refuses `session_expired` when not even a second is left.
 */
export function secondsToSign(wanted: number, now: number, notAfter: number | undefined): number {
  if (notAfter === undefined) return wanted;
  // A signature counts from the second that it was made in.
  const left = Math.floor(notAfter / 1000) - Math.floor(now / 1000);
  if (left < 1) throw new Refusal('session_expired');
  return Math.min(wanted, left);
}
