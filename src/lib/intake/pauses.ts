import { OutOfTime } from './faults.ts';

const LONGEST_PAUSE_SECONDS = 600;

/**
 * Seconds after which a failed message comes again: about 2 the first time, twice as many each time, 10
 * minutes at most. Between half and all of that, at random, so that what failed together does not come again
 * together. The queue's receive count (infra/arrivals.yml) makes more than an hour of it, whatever the dice
 * say.
 */
export function pauseAfter(error: unknown, receiveCount: number, random: () => number): number {
  if (error instanceof OutOfTime) return 0;
  const longest = Math.min(LONGEST_PAUSE_SECONDS, 2 ** Math.min(receiveCount, 10));
  return Math.ceil((longest / 2) * (1 + random()));
}
