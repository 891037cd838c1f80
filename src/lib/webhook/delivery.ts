import { type Endpoint, LIMITS, type Scope } from './endpoint.ts';
import { type Answer, type FailureCode, nextAttemptAfter, pauseAfter } from './schedule.ts';

export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;

export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One try to tell an endpoint of an event. Nothing of what it answered is kept but the status. */
export type Attempt = {
  readonly at: number;
  readonly ms: number;
  readonly status?: number;
  readonly error?: FailureCode;
};

/** Why a delivery was given up. */
export type EndReason =
  | 'attempts_exhausted'
  | 'endpoint_gone'
  | 'endpoint_disabled'
  | 'endpoint_removed'
  | 'too_old';

export type DeliveryKey = { readonly scope: Scope; readonly endpointId: string; readonly eventId: string };

/** One event for one endpoint. The row is the truth; messages only say that somebody should look at it. */
export type Delivery = DeliveryKey & {
  readonly type: string;
  readonly body: string;
  readonly state: DeliveryState;
  readonly createdAt: number;
  /** when this round of attempts began: at the event, or when it was sent again by hand */
  readonly beganAt: number;
  /** of this round */
  readonly attemptCount: number;
  readonly attempts: readonly Attempt[];
  /** of a pending one */
  readonly nextAttemptAt?: number;
  /** when the sweep looks at it; absent when nothing is left to do */
  readonly dueAt?: number;
  readonly endReason?: EndReason;
};

/** What a row gains. Without `dueAt`, `nextAttemptAt` or `endReason` it loses these. */
export type DeliveryChanges = Pick<Delivery, 'state'> &
  Partial<Pick<Delivery, 'attemptCount' | 'attempts' | 'nextAttemptAt' | 'dueAt' | 'endReason' | 'beganAt'>>;

/** What follows from an attempt: for the delivery, and for its endpoint. */
export type Consequence = {
  readonly changes: DeliveryChanges;
  readonly isGone: boolean;
  /** the endpoint is left in peace for so long */
  readonly pauseMs?: number;
};

// An endpoint that is paused again and again uses up no attempts. It is given up all the same: an event of
// last week helps nobody.
const MAX_AGE_MS = 96 * 3_600_000;

/** A message for the next attempt takes care of it up to here (the longest delay of SQS); then the sweep. */
export const LONGEST_MESSAGE_DELAY_MS = 900_000;

/** How long after an attempt was due the sweep takes its message for lost. */
const LOST_AFTER_MS = 60_000;

/** When the sweep has to look at a delivery whose next attempt is then. */
export function dueAtOf(nextAttemptAt: number, now: number): number {
  return nextAttemptAt - now <= LONGEST_MESSAGE_DELAY_MS ? nextAttemptAt + LOST_AFTER_MS : nextAttemptAt;
}

/** A delivery for an event that has just happened. */
export function newDelivery(
  key: DeliveryKey,
  event: { readonly type: string; readonly body: string },
  now: number,
): Delivery {
  return {
    ...key,
    ...event,
    state: 'pending',
    createdAt: now,
    beganAt: now,
    attemptCount: 0,
    attempts: [],
    nextAttemptAt: now,
    dueAt: dueAtOf(now, now),
  };
}

/** Begins another round of attempts, at once. */
export function startAgain(now: number): DeliveryChanges {
  return { state: 'pending', attemptCount: 0, beganAt: now, nextAttemptAt: now, dueAt: dueAtOf(now, now) };
}

/** Gives a delivery up. */
export function giveUp(endReason: EndReason) {
  return { state: 'failed', endReason } as const;
}

export function isTooOld({ beganAt }: Delivery, now: number): boolean {
  return now - beganAt > MAX_AGE_MS;
}

/**
 * What an endpoint's answer means: 2xx is success, 410 the end of the endpoint, and all else a failure that
 * is tried again by the schedule, a redirect included.
 * @param now when the answer was there
 * @param random from 0 to 1, for the jitter
 * @param speed how many times faster than the schedule; 1 but on the local stack
 */
export function decideAttempt(
  delivery: Delivery,
  { pauses = 0 }: Endpoint,
  answer: Answer,
  {
    at,
    now,
    random,
    speed,
  }: { readonly at: number; readonly now: number; readonly random: number; readonly speed: number },
): Consequence {
  const attempt: Attempt = {
    at,
    ms: now - at,
    ...(answer.status !== undefined && { status: answer.status }),
    ...(answer.error !== undefined && { error: answer.error }),
  };
  const attempts = [...delivery.attempts, attempt].slice(-LIMITS.attemptsKept);
  const counted = { attempts, attemptCount: delivery.attemptCount + 1 };
  const { status = 0 } = answer;
  if (status >= 200 && status < 300) {
    return { changes: { ...counted, state: 'delivered' }, isGone: false };
  }
  if (status === 410) return { changes: { ...counted, ...giveUp('endpoint_gone') }, isGone: true };
  const faster = (ms: number | undefined) => (ms === undefined ? undefined : Math.ceil(ms / speed));
  const pauseMs = faster(pauseAfter(answer, pauses));
  const pause = pauseMs === undefined ? {} : { pauseMs };
  const delayMs = faster(nextAttemptAfter(counted.attemptCount, random));
  if (delayMs === undefined) {
    return { changes: { ...counted, ...giveUp('attempts_exhausted') }, isGone: false, ...pause };
  }
  const nextAttemptAt = now + Math.max(delayMs, pauseMs ?? 0);
  return {
    changes: { ...counted, state: 'pending', nextAttemptAt, dueAt: dueAtOf(nextAttemptAt, now) },
    isGone: false,
    ...pause,
  };
}
