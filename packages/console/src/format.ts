const UNITS = ['KB', 'MB', 'GB', 'TB'] as const;

/** Bytes for people, in steps of 1024, as limits are set: `482 KB`, `1.5 GB`. */
export function toSize(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  let value = bytes;
  let unit = -1;
  // 999.5 and above would round to four digits.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = value < 9.95 && value % 1 !== 0 ? 1 : 0;
  return `${value.toFixed(digits).replace(/\.0$/, '')} ${UNITS[Math.max(unit, 0)]}`;
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** How long ago, or how long until: `3 minutes ago`, `in 2 hours`. A clock that is a little off makes no future. */
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
