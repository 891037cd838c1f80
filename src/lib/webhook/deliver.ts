import { signWebhook } from '@sluice/contract/webhook-signature';
import {
  type Consequence,
  type Delivery,
  type DeliveryKey,
  decideAttempt,
  type EndReason,
  giveUp,
  isTooOld,
  LONGEST_MESSAGE_DELAY_MS,
} from './delivery.ts';
import { type Endpoint, LIMITS, type Scope } from './endpoint.ts';
import type { Announce, Deliveries, Endpoints, Keys, Post, Slots } from './ports.ts';

export type DeliverDeps = {
  readonly endpoints: Pick<Endpoints, 'list' | 'change'>;
  readonly deliveries: Pick<Deliveries, 'read' | 'claim' | 'record' | 'change'>;
  readonly slots: Slots;
  readonly announce: Announce;
  readonly keys: Pick<Keys, 'signersOf'>;
  readonly post: Post;
  readonly now: () => number;
  readonly random: () => number;
  readonly newId: () => string;
  /** how many times faster than the schedule is tried again; 1 but on the local stack */
  readonly speed: number;
  /** what the receiver's log shows as its caller */
  readonly userAgent: string;
};

/** What was done about one delivery. */
export type Outcome =
  | { readonly kind: 'delivered' | 'retrying' | 'failed'; readonly delivery: Delivery }
  /** the endpoint answered 410, and is disabled from now on */
  | { readonly kind: 'gone'; readonly delivery: Delivery }
  /** it was left for later: the endpoint is busy, paused, or this worker's time is over */
  | { readonly kind: 'postponed'; readonly key: DeliveryKey }
  /** settled before, not due, or another worker's */
  | { readonly kind: 'idle'; readonly key: DeliveryKey };

export type Report = (outcome: Outcome) => void;

/** The deliveries of one endpoint, which are made one after the other. */
export type Group = {
  readonly scope: Scope;
  readonly endpointId: string;
  readonly keys: readonly DeliveryKey[];
};

// A dead worker's delivery is another's once no answer can come any more.
const LEASE_MS = LIMITS.timeoutMs + 10_000;
// As long as a worker may run (serverless.yml), and a little more.
const SLOT_LEASE_MS = 65_000;
const FULL_DELAY_SECONDS = 1;
const FULL_DELAY_SPREAD_SECONDS = 3;

/** The groups of one batch, one for each endpoint. A delivery that is named twice is made once. */
export function toGroups(keys: readonly DeliveryKey[]): Group[] {
  const groups = new Map<string, { group: Group; keys: Map<string, DeliveryKey> }>();
  for (const key of keys) {
    const { scope, endpointId } = key;
    const name = JSON.stringify([scope, endpointId]);
    const found = groups.get(name) ?? { group: { scope, endpointId, keys: [] }, keys: new Map() };
    found.keys.set(key.eventId, key);
    groups.set(name, found);
  }
  return [...groups.values()].map(({ group, keys: own }) => ({ ...group, keys: [...own.values()] }));
}

/**
 * Makes what is due of one endpoint's deliveries, in one of the endpoint's slots. Whatever is not made stays
 * pending, and is announced again or found by the sweep.
 * @param hasTime whether another attempt can still end before this worker does
 */
export async function deliverGroup(
  deps: DeliverDeps,
  { scope, endpointId, keys }: Group,
  hasTime: () => boolean,
  report: Report,
): Promise<void> {
  const { endpoints, slots, announce, now, random, newId } = deps;
  const endpoint = (await endpoints.list(scope)).find(({ id }) => id === endpointId);
  if (endpoint === undefined) return endAll(deps, keys, 'endpoint_removed', report);
  if (!endpoint.enabled) {
    return endAll(deps, keys, endpoint.isGone ? 'endpoint_gone' : 'endpoint_disabled', report);
  }
  if ((endpoint.pausedUntil ?? 0) > now()) return postponeAll(deps, endpoint, keys, report);

  const worker = newId();
  const slot = await slots.take(endpointId, { worker, now: now(), endsAt: now() + SLOT_LEASE_MS });
  if (slot === undefined) {
    await announce(keys, Math.round(FULL_DELAY_SECONDS + random() * FULL_DELAY_SPREAD_SECONDS));
    for (const key of keys) report({ kind: 'postponed', key });
    return;
  }
  try {
    await makeAll(deps, endpoint, { keys, worker, hasTime, report });
  } finally {
    await slots.release(endpointId, slot, worker);
  }
}

type Making = {
  readonly keys: readonly DeliveryKey[];
  readonly worker: string;
  readonly hasTime: () => boolean;
  readonly report: Report;
};

async function makeAll(deps: DeliverDeps, first: Endpoint, { keys, worker, hasTime, report }: Making) {
  let endpoint = first;
  for (const [index, key] of keys.entries()) {
    const rest = keys.slice(index);
    if (!hasTime()) {
      await deps.announce(rest, 0);
      for (const left of rest) report({ kind: 'postponed', key: left });
      return;
    }
    if (!endpoint.enabled) return endAll(deps, rest, 'endpoint_gone', report);
    if ((endpoint.pausedUntil ?? 0) > deps.now()) return postponeAll(deps, endpoint, rest, report);
    endpoint = await deliverOne(deps, endpoint, { key, worker, report });
  }
}

/** Makes one attempt. Returns the endpoint as it is afterwards. */
async function deliverOne(
  deps: DeliverDeps,
  endpoint: Endpoint,
  { key, worker, report }: { key: DeliveryKey; worker: string; report: Report },
): Promise<Endpoint> {
  const { deliveries, keys, post, now, random, speed } = deps;
  const claimedAt = now();
  const claimed = await deliveries.claim(key, { worker, now: claimedAt, endsAt: claimedAt + LEASE_MS });
  if (claimed === undefined) {
    report({ kind: 'idle', key });
    return endpoint;
  }
  if (isTooOld(claimed, claimedAt)) {
    await finish(deps, claimed, worker, { changes: giveUp('too_old'), isGone: false }, report);
    return endpoint;
  }
  const signers = await keys.signersOf(endpoint, now());
  const at = now();
  const message = { id: key.eventId, timestamp: Math.floor(at / 1_000), body: claimed.body };
  const answer = await post({
    url: endpoint.url,
    body: claimed.body,
    headers: {
      'content-type': 'application/json',
      'user-agent': deps.userAgent,
      ...signWebhook(message, signers),
    },
  });
  const consequence = decideAttempt(claimed, endpoint, answer, { at, now: now(), random: random(), speed });
  // The endpoint first: whoever dies in between leaves a delivery that is made again, and meets the endpoint
  // as it then is.
  const after = await learn(deps, endpoint, consequence);
  await finish(deps, claimed, worker, consequence, report);
  return after;
}

/** Writes into the endpoint's row what an answer says of the endpoint. */
async function learn(deps: DeliverDeps, endpoint: Endpoint, { changes, isGone, pauseMs }: Consequence) {
  const { endpoints, now } = deps;
  const next = nextOf(endpoint, { isGone, pauseMs, isWell: changes.state === 'delivered', now: now() });
  if (next === undefined) return endpoint;
  if (await endpoints.change(endpoint, next)) return next;
  // Somebody has changed it just now. For a 410 that is no reason to go on sending; a pause can wait for the
  // next answer.
  const fresh = (await endpoints.list(endpoint.scope)).find(({ id }) => id === endpoint.id);
  if (fresh === undefined) return { ...endpoint, enabled: false };
  if (!isGone || !fresh.enabled || fresh.url !== endpoint.url) return fresh;
  const again = { ...fresh, enabled: false, isGone: true, revision: fresh.revision + 1 };
  if (!(await endpoints.change(fresh, again))) throw new Error('an endpoint changes faster than it is read');
  return again;
}

function nextOf(
  endpoint: Endpoint,
  seen: { isGone: boolean; pauseMs: number | undefined; isWell: boolean; now: number },
): Endpoint | undefined {
  const revision = endpoint.revision + 1;
  if (seen.isGone) return { ...endpoint, enabled: false, isGone: true, revision };
  if (seen.pauseMs !== undefined) {
    const pauses = (endpoint.pauses ?? 0) + 1;
    return { ...endpoint, pausedUntil: seen.now + seen.pauseMs, pauses, revision };
  }
  if (!seen.isWell || endpoint.pauses === undefined) return undefined;
  const { pauses: _pauses, pausedUntil: _pausedUntil, ...well } = endpoint;
  return { ...well, revision };
}

async function finish(
  { deliveries, announce, now }: DeliverDeps,
  claimed: Delivery,
  worker: string,
  { changes, isGone }: Consequence,
  report: Report,
): Promise<void> {
  const isOurs = await deliveries.record(claimed, worker, changes);
  if (!isOurs) return report({ kind: 'idle', key: claimed });
  const delivery = { ...claimed, ...changes };
  if (delivery.state !== 'pending') return report({ kind: isGone ? 'gone' : delivery.state, delivery });
  const waitMs = (changes.nextAttemptAt ?? 0) - now();
  if (waitMs <= LONGEST_MESSAGE_DELAY_MS) await announce([claimed], Math.max(0, Math.ceil(waitMs / 1_000)));
  report({ kind: 'retrying', delivery });
}

async function endAll(
  { deliveries, now }: DeliverDeps,
  keys: readonly DeliveryKey[],
  reason: EndReason,
  report: Report,
): Promise<void> {
  for (const key of keys) {
    const seen = await deliveries.read(key);
    const changes = giveUp(reason);
    const isEnded = seen?.state === 'pending' && (await deliveries.change(seen, changes, now()));
    report(isEnded ? { kind: 'failed', delivery: { ...seen, ...changes } } : { kind: 'idle', key });
  }
}

/** Leaves deliveries to the sweep, for when the endpoint's pause is over. They count no attempt. */
async function postponeAll(
  { deliveries, now, random }: DeliverDeps,
  { pausedUntil = 0 }: Endpoint,
  keys: readonly DeliveryKey[],
  report: Report,
): Promise<void> {
  for (const key of keys) {
    const seen = await deliveries.read(key);
    if (seen?.state !== 'pending' || (seen.nextAttemptAt ?? 0) >= pausedUntil) {
      report({ kind: 'idle', key });
      continue;
    }
    if (isTooOld(seen, now())) {
      const changes = giveUp('too_old');
      await deliveries.change(seen, changes, now());
      report({ kind: 'failed', delivery: { ...seen, ...changes } });
      continue;
    }
    const nextAttemptAt = pausedUntil + Math.round(random() * 10_000);
    await deliveries.change(seen, { state: 'pending', nextAttemptAt, dueAt: nextAttemptAt }, now());
    report({ kind: 'postponed', key });
  }
}
