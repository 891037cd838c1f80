import type { State } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';

/**
 * Longer than any worker lives, and than any copy inside S3 takes after its worker has died, whatever their
 * clocks say.
 */
export const LAST_LOOK_AFTER_MS = 3_600_000;

/**
 * The time of the last look at a settled upload that other workers had too: a copy of theirs may be where the
 * verdict does not say, or may still arrive there. Null if there was no other worker, which is usual, or if
 * no copy of theirs can arrive any more.
 */
export function toLastLook(
  { state, epoch, settledAt = 0 }: Pick<Upload, 'state' | 'epoch' | 'settledAt'>,
  now: number,
): number | null {
  // No worker expires, aborts, deletes or recalls an upload: of those that had it, each is another. The one
  // that accepted it may have given up a copy in one piece for one by parts, and S3 makes that, too, once the
  // store is empty again.
  const others = isWorkers(state) ? epoch - 1 : epoch;
  const lastLook = settledAt + LAST_LOOK_AFTER_MS;
  return others > 0 && lastLook > now ? lastLook : null;
}

function isWorkers(state: State): boolean {
  return state !== 'expired' && state !== 'aborted' && state !== 'deleted' && state !== 'recalled';
}
