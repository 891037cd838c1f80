/** Random numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The time until the next of events that come so often a second, each by itself: a Poisson process. */
export function nextIn(aSecond: number, random: () => number): number {
  return -Math.log(1 - random()) / aSecond;
}

/**
 * A duration around a mean: most are a little below it, and a few are several times as long, as those of
 * calls over a network are (lognormal; one in a hundred takes more than 3.4 times the mean).
 */
export function durationAround(mean: number, random: () => number): number {
  const spread = 0.7;
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return mean * Math.exp(spread * normal - spread ** 2 / 2);
}

/** What so many of a hundred are at most. */
export function percentile(sorted: ArrayLike<number>, percent: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0;
}
