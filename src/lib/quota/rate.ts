import { createHash } from 'node:crypto';
import { Refusal } from '@sluice/contract/refusals';
import type { Owner } from '@sluice/contract/upload';

const WINDOW_MS = 60_000;

// So many owners may be over their limit at once before the oldest is forgotten, and counted once more.
const REMEMBERED = 10_000;

/** Counts one request of an owner, and refuses it as `requests_too_many` when there were too many. */
export type Pace = (owner: Owner) => Promise<void>;

/** A minute of one owner: minutes of different owners begin at different times. */
export type Minute = { readonly id: string; readonly endsAt: number };

export type PaceDeps = {
  /** uploads that one owner may request in a minute; undefined for any number */
  readonly perMinute: number | undefined;
  /** Counts one request in a minute; false, and not counted, when it has as many as are allowed. */
  readonly count: (minute: Minute, most: number) => Promise<boolean>;
  readonly now: () => number;
  /** called when a request could not be counted, and was let through */
  readonly onFailure: (error: unknown) => void;
};

/**
 * Holds every owner to so many requests a minute. Whoever was refused is remembered until the minute is over,
 * and refused without a call: the harder somebody tries, the less it costs. A request that cannot be counted
 * is let through: this limit protects from one owner's flood, and the API's own throttles from everything.
 * Make it once, at module scope.
 */
export function createPace({ perMinute, count, now, onFailure }: PaceDeps): Pace {
  if (perMinute === undefined) return async () => {};
  const refused = new Map<string, number>();
  return async (owner) => {
    const at = now();
    const minute = minuteOf(owner, at);
    if (!refused.has(minute.id)) {
      let isWithin = true;
      try {
        isWithin = await count(minute, perMinute);
      } catch (error) {
        onFailure(error);
      }
      if (isWithin) return;
      forgetOver(refused, at);
      refused.set(minute.id, minute.endsAt);
    }
    throw new Refusal('requests_too_many', {
      detail: `There may be ${perMinute} requests a minute.`,
      retryAfterSeconds: Math.max(1, Math.ceil((minute.endsAt - at) / 1000)),
    });
  };
}

/**
 * The minute that an owner is in. Where it begins follows from the owner, so that those who were refused do
 * not all come back in the same moment.
 */
export function minuteOf({ tenant, subject }: Owner, at: number): Minute {
  const digest = createHash('sha256')
    .update(JSON.stringify([tenant, subject]))
    .digest();
  const offset = digest.readUInt32BE(0) % WINDOW_MS;
  const number = Math.floor((at + offset) / WINDOW_MS);
  const name = digest.subarray(0, 16).toString('base64url');
  return { id: `minute#${name}#${number}`, endsAt: (number + 1) * WINDOW_MS - offset };
}

function forgetOver(refused: Map<string, number>, at: number): void {
  for (const [id, endsAt] of refused) {
    if (endsAt > at && refused.size < REMEMBERED) continue;
    refused.delete(id);
  }
}
