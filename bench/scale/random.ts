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
