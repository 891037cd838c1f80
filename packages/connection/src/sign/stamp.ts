/** A second in time as signatures write it. */
export type Stamp = {
  /** `20130524` */
  readonly day: string;
  /** `20130524T000000Z` */
  readonly time: string;
};

const SECONDS_PER_DAY = 86_400;
const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
// Pieces of a time with their marks: V8 copies short strings at once and would make a tree of more of them.
const HOURS = TWO_DIGITS.slice(0, 24).map((digits) => `T${digits}`);
const MINUTES = TWO_DIGITS.map((digits) => `:${digits}:`);
const SECONDS = TWO_DIGITS.map((digits) => `${digits}Z`);

/** Returns a function that writes the day of a number of days since the epoch, and remembers the latest. */
function rememberDay(separator: string) {
  let latest = { number: Number.NaN, text: '' };
  return (number: number): string => {
    if (number === latest.number) return latest.text;
    const text = new Date(number * SECONDS_PER_DAY * 1000)
      .toISOString()
      .slice(0, 10)
      .replaceAll('-', separator);
    latest = { number, text };
    return text;
  };
}

const dayOfStamp = rememberDay('');
const dayOfText = rememberDay('-');

/**
 * Writes a second since the epoch as a signature's time and day.
 *
 * `toISOString` and its slices cost a quarter of a whole signature; but the day changes rarely, and the time
 * is three divisions.
 */
export function toStamp(epochSeconds: number): Stamp {
  const number = Math.floor(epochSeconds / SECONDS_PER_DAY);
  const second = epochSeconds - number * SECONDS_PER_DAY;
  const day = dayOfStamp(number);
  const minutesAndSeconds = `${TWO_DIGITS[Math.floor(second / 60) % 60]}${SECONDS[second % 60]}`;
  return { day, time: `${day}${HOURS[Math.floor(second / 3600)]}${minutesAndSeconds}` };
}

/** Writes a second since the epoch as a policy's expiration: `2013-05-24T00:00:00Z`. */
export function toExpiration(epochSeconds: number): string {
  const number = Math.floor(epochSeconds / SECONDS_PER_DAY);
  const second = epochSeconds - number * SECONDS_PER_DAY;
  const minutesAndSeconds = `${MINUTES[Math.floor(second / 60) % 60]}${SECONDS[second % 60]}`;
  return `${dayOfText(number)}${HOURS[Math.floor(second / 3600)]}${minutesAndSeconds}`;
}
