/** A message that was not begun, for a cause that is not its own: the time is short, or the store asks for fewer calls. */
export class HandedBack extends Error {}

/** There was too little time left to begin. The message comes again, with all of the time. */
export class OutOfTime extends HandedBack {
  constructor() {
    super('too little time was left before the deadline');
    this.name = 'OutOfTime';
  }
}

/** The store asked for fewer calls, so this message was not begun. */
export class SlowedDown extends HandedBack {
  constructor() {
    super('the store asks for fewer calls: not begun');
    this.name = 'SlowedDown';
  }
}

const LONGEST_PAUSE_SECONDS = 600;

/**
 * Seconds after which a failed message comes again: about 2 the first time, twice as many each time, 10 minutes at most.
 * Between half and all of that, at random, so that what failed together does not come again together. The queue's receive
 * count (infra/arrivals.yml) makes more than an hour of it, whatever the dice say.
 */
export function pauseAfter(error: unknown, receiveCount: number, random: () => number): number {
  if (error instanceof OutOfTime) return 0;
  const longest = Math.min(LONGEST_PAUSE_SECONDS, 2 ** Math.min(receiveCount, 10));
  return Math.ceil((longest / 2) * (1 + random()));
}
