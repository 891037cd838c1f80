import { classify } from '../classify.ts';
import { BucketSetupError, type FailedAspect } from '../errors/operation.ts';
import type { Aspect } from './aspect-names.ts';

/**
 * Sets up one aspect after the other, and goes on past one that the store refuses: a bucket that lacks one
 * thing is better than one that lacks all that would have come after it. Ends early when there is no answer.
 *
 * Throws `BucketSetupError`, which names what failed, what was done and what was not tried.
 */
export async function setUp(
  bucket: string,
  steps: readonly (readonly [aspect: Aspect, call: () => Promise<unknown>])[],
): Promise<void> {
  const done: Aspect[] = [];
  const failed: FailedAspect[] = [];
  for (const [aspect, call] of steps) {
    try {
      await call();
      done.push(aspect);
    } catch (thrown) {
      const error = classify(thrown);
      failed.push({ aspect, error });
      if (error.httpStatus === undefined) break;
    }
  }
  const [first] = failed;
  if (first === undefined) return;
  const untried = steps.map(([aspect]) => aspect).slice(done.length + failed.length);
  throw new BucketSetupError({ bucket, failed: [first, ...failed.slice(1)], done, untried });
}
