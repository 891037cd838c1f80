import { statusOf } from './failures.ts';

// Long enough to cost little where the store never learns, and short enough for one that was upgraded, or
// only said so once.
const ASK_AGAIN_AFTER_MS = 600_000;

/**
 * Runs a call with its condition, or does what comes nearest to it where the store does not know the
 * condition.
 */
export type Condition = <Answer>(
  conditional: () => Promise<Answer>,
  instead: () => Promise<Answer>,
) => Promise<Answer>;

/**
 * One condition of one kind of call, on stores of which some refuse it (501). A single 501 may be anybody's
 * on the way; one that is repeated, by a call that then succeeds without the condition, is the store's. It is
 * asked again ten minutes later.
 * @param now milliseconds, of any clock that runs evenly
 */
export function createCondition(now: () => number): Condition {
  let askAgainAt = Number.NEGATIVE_INFINITY;
  return async (conditional, instead) => {
    if (now() < askAgainAt) return instead();
    for (let times = 0; times < 2; times += 1) {
      try {
        return await conditional();
      } catch (error) {
        if (statusOf(error) !== 501) throw error;
      }
    }
    const answer = await instead();
    askAgainAt = now() + ASK_AGAIN_AFTER_MS;
    return answer;
  };
}
