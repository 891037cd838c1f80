/** A second in time as signatures write it. */
export type Stamp = {
  /** `20130524` */
  readonly day: string;
  /** `20130524T000000Z` */
  readonly time: string;
};

const SECONDS_PER_DAY = 86_400;
const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
const HOURS = TWO_DIGITS.slice(0, 24).map((digits) => `T${digits}`);
const SECONDS = TWO_DIGITS.map((digits) => `${digits}Z`);

let latest = { number: Number.NaN, day: '' };

/**
 * Writes a second since the epoch as a signature's time and day.
 *
 * `toISOString` and its slices cost a quarter of a whole signature; the day changes rarely and the time is three
 * divisions.
 */
export const toStamp = (epochSeconds: number): Stamp => {
  const number = Math.floor(epochSeconds / SECONDS_PER_DAY);
  if (number !== latest.number) {
    const iso = new Date(number * SECONDS_PER_DAY * 1000).toISOString();
    latest = { number, day: iso.slice(0, 10).replaceAll('-', '') };
  }
  const { day } = latest;
  const second = epochSeconds - number * SECONDS_PER_DAY;
  // Short strings first: V8 copies those at once and would make a tree of the others.
  const minutesAndSeconds = `${TWO_DIGITS[Math.floor(second / 60) % 60]}${SECONDS[second % 60]}`;
  return { day, time: `${day}${HOURS[Math.floor(second / 3600)]}${minutesAndSeconds}` };
};
