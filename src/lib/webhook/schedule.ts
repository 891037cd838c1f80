/** Why there was no answer that counts. */
export type FailureCode =
  | 'address_refused'
  | 'name_not_found'
  | 'connection_failed'
  | 'tls_failed'
  | 'timed_out'
  | 'redirect_refused'
  | 'status';

/** What came of one attempt. Without a status there was no answer. */
export type Answer = {
  readonly status?: number;
  readonly error?: FailureCode;
  readonly retryAfterSeconds?: number;
};

/** How long after the attempt before each attempt is made: ten in 75 hours and 35 minutes. */
export const SCHEDULE_SECONDS: readonly number[] = [
  0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
];

// Whatever failed together is not tried again together.
const JITTER = 0.1;

/**
 * How long to wait after so many attempts; undefined when that was the last.
 * @param random from 0 to 1
 */
export function nextAttemptAfter(attemptCount: number, random: number): number | undefined {
  const seconds = SCHEDULE_SECONDS[attemptCount];
  return seconds === undefined ? undefined : Math.round(seconds * 1_000 * (1 + JITTER * random));
}

/** By which an endpoint, or what stands before it, asks for less. */
const SLOW_DOWN: readonly number[] = [429, 502, 503, 504];
const LEAST_PAUSE_MS = 30_000;
const MOST_PAUSE_MS = 600_000;
/** Of what an endpoint itself asks for by Retry-After. */
const MOST_ASKED_PAUSE_MS = 24 * 3_600_000;

/**
 * How long an endpoint is left in peace after this answer; undefined when it need not be. By `Retry-After`
 * of at most a day, or for half a minute that doubles with every pause, up to ten.
 */
export function pauseAfter(answer: Answer, pauses: number): number | undefined {
  const { status = 0, error, retryAfterSeconds } = answer;
  if (!SLOW_DOWN.includes(status) && error !== 'timed_out') return undefined;
  if (retryAfterSeconds !== undefined) {
    return Math.min(Math.max(retryAfterSeconds, 1) * 1_000, MOST_ASKED_PAUSE_MS);
  }
  return Math.min(LEAST_PAUSE_MS * 2 ** Math.min(pauses, 10), MOST_PAUSE_MS);
}

/**
 * The seconds that a `Retry-After` header asks for, which may be a number or a date.
 * @param now milliseconds since the epoch
 */
export function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  // Date.parse takes -5 for a year.
  const date = /^[A-Za-z]{3,9}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1_000));
}
