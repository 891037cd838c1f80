import type { WebhookSigner } from '@sluice/contract/webhook-signature';
import type { Delivery, DeliveryChanges, DeliveryKey } from './delivery.ts';
import type { Endpoint, Scope } from './endpoint.ts';
import type { Answer } from './schedule.ts';

/** The endpoints, a row each. There are few in one scope, so that they are always read together. */
export type Endpoints = {
  list(scope: Scope): Promise<readonly Endpoint[]>;
  /** Adds one; false, and nothing is written, when the scope has as many as it may. */
  add(endpoint: Endpoint): Promise<boolean>;
  /** Writes `next` over `seen`; false, and nothing is written, if it has changed since, or is gone. */
  change(seen: Endpoint, next: Endpoint): Promise<boolean>;
  /** Removes it; one that is not there counts as removed. */
  remove(endpoint: Endpoint): Promise<void>;
};

export type DeliveryPage = { readonly deliveries: readonly Delivery[]; readonly cursor?: string };

/** The deliveries, a row each. */
export type Deliveries = {
  /** Adds a row. If it exists, it is returned as it is. */
  create(delivery: Delivery): Promise<{ readonly created: boolean; readonly delivery: Delivery }>;
  read(key: DeliveryKey): Promise<Delivery | undefined>;
  /**
   * Leases a pending row whose attempt is due; undefined when it is settled, not due, or another's.
   */
  claim(
    key: DeliveryKey,
    lease: { readonly worker: string; readonly now: number; readonly endsAt: number },
  ): Promise<Delivery | undefined>;
  /** Writes what came of the attempt, and ends the lease; false if it is not this worker's any more. */
  record(seen: Delivery, worker: string, changes: DeliveryChanges): Promise<boolean>;
  /** Changes a row that nobody has leased and that is as it was seen; false otherwise. */
  change(seen: Delivery, changes: DeliveryChanges, now: number): Promise<boolean>;
  /** An endpoint's deliveries, newest first. Refuses `cursor_invalid`. */
  list(
    endpoint: Pick<Endpoint, 'id' | 'scope'>,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<DeliveryPage>;
  /** The shards over which deliveries that are due are spread, at random. */
  readonly dueShards: readonly string[];
  /** Every delivery of a shard that the sweep has to look at, the oldest first, in pages. */
  due(shard: string, now: number): AsyncIterable<readonly DueDelivery[]>;
  /** Sets when the sweep looks at it next, unless that has changed. */
  postpone(due: DueDelivery, dueAt: number): Promise<void>;
};

export type DueDelivery = DeliveryKey & { readonly dueAt: number };

/** Places for deliveries that are under way, so that a slow endpoint holds up no other. */
export type Slots = {
  /** Takes one for a while; undefined when all of the endpoint's are taken. */
  take(
    endpointId: string,
    lease: { readonly worker: string; readonly now: number; readonly endsAt: number },
  ): Promise<number | undefined>;
  /** Gives it back, if it is still this worker's. */
  release(endpointId: string, slot: number, worker: string): Promise<void>;
};

/** Says that deliveries are to be made, once so many seconds have passed. */
export type Announce = (keys: readonly DeliveryKey[], delaySeconds: number) => Promise<void>;

/** Sends one message. Resolves whatever happens to it. */
export type Post = (request: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}) => Promise<Answer>;

export type Keys = {
  /** The secrets that the receiver may know now, the newest first. */
  secretsOf(endpoint: Endpoint, now: number): Promise<readonly [string, ...string[]]>;
  /** The ed25519 keys that verify what is sent now, the newest first. */
  publicKeysOf(endpoint: Endpoint, now: number): Promise<readonly [string, ...string[]]>;
  signersOf(endpoint: Endpoint, now: number): Promise<readonly WebhookSigner[]>;
};
