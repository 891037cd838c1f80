import type { Upload } from '@sluice/contract/upload';

/** Longer than any worker lives, and any copy inside S3 takes after its worker is gone, whatever their clocks say. */
export const LAST_LOOK_AFTER_MS = 3_600_000;

/**
 * When a settled upload is to be looked at once more, since other workers than the one that settled it had taken it up: a
 * copy of theirs may lie where the verdict does not say, or land there still. Null when there was no other, as is the rule,
 * or when nothing of theirs can land any more.
 */
export function toLastLook(
  { state, epoch, settledAt = 0 }: Pick<Upload, 'state' | 'epoch' | 'settledAt'>,
  now: number,
): number | null {
  // No worker expires or deletes an upload: of those that had it, each is another. The one that accepted it may have given
  // up a copy in one piece for one by parts, and S3 makes that, too, once the store is empty again.
  const others = state === 'expired' || state === 'deleted' ? epoch : epoch - 1;
  const lastLook = settledAt + LAST_LOOK_AFTER_MS;
  return others > 0 && lastLook > now ? lastLook : null;
}
