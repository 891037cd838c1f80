/**
 * Where an event stands in the feed: the time at which it was written, in fifteen digits of milliseconds, and
 * the number that its change has in the ledger's stream. Positions sort as texts. A time alone is a position
 * before all events of that time.
 */
export type Position = string;

/** How many partitions a day has, so that no single one takes every write. */
export const FEED_SHARDS = 4;

const DAY_MS = 86_400_000;
const TIME_DIGITS = 15;
// The longest sequence number of DynamoDB Streams.
const SEQUENCE_DIGITS = 40;

export function toPosition(time: number, sequence?: string): Position {
  const digits = String(Math.max(0, time)).padStart(TIME_DIGITS, '0');
  return sequence === undefined ? digits : `${digits}#${sequence.padStart(SEQUENCE_DIGITS, '0')}`;
}

/** The time in a position: milliseconds since the epoch. */
export function timeOf(position: Position): number {
  return Number(position.slice(0, TIME_DIGITS));
}

/** The partition of a time's day. */
export function toBucket(time: number, shard: number): string {
  return `${new Date(time).toISOString().slice(0, 10)}#${shard}`;
}

/** The last millisecond of a time's day, in UTC as in the buckets' names. */
export function endOfDay(time: number): number {
  return Math.floor(time / DAY_MS) * DAY_MS + DAY_MS - 1;
}

export function isPosition(text: string): boolean {
  return /^\d{15}(?:#\d{40})?$/.test(text);
}
