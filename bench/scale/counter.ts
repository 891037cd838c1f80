import { ATTEMPTS, toPause } from '../../src/lib/aws/transact.ts';
import { createRandom } from '../../test/proof/random.ts';
import { nextIn, percentile } from './random.ts';
import { createTimeline } from './timeline.ts';

export type Contention = {
  /** transactions a second that want the one row */
  readonly aSecond: number;
  /** how long a transaction keeps the row from others */
  readonly heldSeconds: number;
  /** from a call to its answer, beyond that */
  readonly callSeconds: number;
  readonly seconds: number;
  readonly seed: number;
};

export type Contended = {
  readonly written: number;
  /** answered `too_busy` */
  readonly refused: number;
  readonly conflicts: number;
  /** seconds that those took which were written */
  readonly p99: number;
};

/**
 * Transactions that meet at one row of a counter. DynamoDB cancels the one that comes while another has the
 * row (`TransactionConflict`), and they try again with the pauses of src/lib/aws/transact.ts, whose figures
 * these are.
 */
export function simulateCounter({ aSecond, heldSeconds, callSeconds, seconds, seed }: Contention): Contended {
  const random = createRandom(seed);
  const timeline = createTimeline<{ readonly begunAt: number; readonly attempt: number }>();
  for (let at = nextIn(aSecond, random); at < seconds; at += nextIn(aSecond, random)) {
    timeline.add(at, { begunAt: at, attempt: 1 });
  }
  let freeAt = 0;
  let refused = 0;
  let conflicts = 0;
  const took: number[] = [];
  for (let due = timeline.take(); due !== undefined; due = timeline.take()) {
    const { at, what } = due;
    if (at >= freeAt) {
      freeAt = at + heldSeconds;
      took.push(freeAt + callSeconds - what.begunAt);
      continue;
    }
    conflicts += 1;
    if (what.attempt === ATTEMPTS) refused += 1;
    else {
      const again = at + callSeconds + toPause(what.attempt, random) / 1_000;
      timeline.add(again, { ...what, attempt: what.attempt + 1 });
    }
  }
  return {
    written: took.length,
    refused,
    conflicts,
    p99: percentile(Float64Array.from(took).toSorted(), 99),
  };
}
