const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/**
 * How long ago, or how long until: `3 minutes ago`, `in 2 hours`. A clock that is a little off makes no
 * future.
 */
export function toRelativeTime(iso: string, now: number): string {
  const distance = Date.parse(iso) - now;
  for (const [unit, milliseconds] of STEPS) {
    if (Math.abs(distance) >= milliseconds) return relative.format(Math.round(distance / milliseconds), unit);
  }
  return 'just now';
}

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** The moment itself, in the reader's own time zone. */
export function toExactTime(iso: string): string {
  return exact.format(Date.parse(iso));
}
