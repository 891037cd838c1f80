import type { EventType } from '@sluice/contract/event';
import { Refusal } from '@sluice/contract/refusals';
import { type Delivery, type DeliveryKey, newDelivery, startAgain } from './delivery.ts';
import { DEPLOYMENTS_OWN, type Endpoint, LIMITS, type Scope, type SignatureKind } from './endpoint.ts';
import type { Announce, Deliveries, DeliveryPage, Endpoints, Keys } from './ports.ts';
import { flawOfUrl, type Reach } from './target.ts';

export type ManageDeps = {
  readonly endpoints: Endpoints;
  readonly deliveries: Pick<Deliveries, 'create' | 'read' | 'change' | 'list'>;
  readonly announce: Announce;
  readonly keys: Pick<Keys, 'secretsOf' | 'publicKeysOf'>;
  readonly reach: Reach;
  readonly now: () => number;
  readonly newId: () => string;
};

export type EndpointWish = {
  readonly url: string;
  readonly types: readonly EventType[];
  readonly signatures: readonly SignatureKind[];
};

/** An endpoint with what its receiver verifies by. The secret is shown this once. */
export type WithSecrets = {
  readonly endpoint: Endpoint;
  /** of `v1` */
  readonly secret?: string;
  /** of `v1a` */
  readonly publicKey?: string;
};

/** The type of a message that only says that messages arrive. */
export const TEST_TYPE = 'webhook.test';

/**
 * Adds an endpoint. One that is there with the same wish is answered as it is, so that a lost answer can be
 * asked for again. Refuses `webhook_url_invalid`, `webhook_exists` and `webhooks_too_many`.
 */
export async function addEndpoint(deps: ManageDeps, scope: Scope, wish: EndpointWish): Promise<WithSecrets> {
  const flaw = flawOfUrl(wish.url, deps.reach);
  if (flaw !== undefined) throw new Refusal('webhook_url_invalid', { field: 'url', detail: flaw });
  const same = (await deps.endpoints.list(scope)).find(({ url }) => url === wish.url);
  if (same !== undefined) {
    if (isAsWished(same, wish)) return withSecrets(deps, same);
    throw new Refusal('webhook_exists', { field: 'url' });
  }
  const endpoint: Endpoint = {
    id: deps.newId(),
    scope,
    ...wish,
    enabled: true,
    createdAt: deps.now(),
    version: 1,
    revision: 1,
  };
  if (!(await deps.endpoints.add(endpoint))) throw new Refusal('webhooks_too_many');
  return withSecrets(deps, endpoint);
}

/** Removes an endpoint. What is pending for it is given up. Refuses `webhook_of_deployment`. */
export async function removeEndpoint({ endpoints }: ManageDeps, scope: Scope, id: string): Promise<void> {
  if (id === DEPLOYMENTS_OWN) throw new Refusal('webhook_of_deployment');
  const found = (await endpoints.list(scope)).find((endpoint) => endpoint.id === id);
  if (found !== undefined) await endpoints.remove(found);
}

/** Takes an endpoint into service again, and ends a pause. Safe to repeat. */
export function enableEndpoint(deps: ManageDeps, scope: Scope, id: string): Promise<Endpoint> {
  return changeEndpoint(deps, scope, id, (endpoint) => {
    const { isGone: _isGone, pausedUntil: _pausedUntil, pauses: _pauses, ...rest } = endpoint;
    return { ...rest, enabled: true };
  });
}

/**
 * Gives an endpoint a new secret and key. Until the overlap ends, everything is signed with the ones before
 * as well; older ones end at once. Safe to repeat: whoever names the version before the present one gets the
 * present one's secret, and nothing changes. Refuses `webhook_version_wrong`.
 * @param version the one that is to be replaced
 */
export async function rotateSecret(
  deps: ManageDeps,
  scope: Scope,
  { id, version }: { readonly id: string; readonly version: number },
): Promise<WithSecrets> {
  const endpoint = await changeEndpoint(deps, scope, id, (seen) => {
    if (seen.version === version + 1) return seen;
    if (seen.version !== version) {
      throw new Refusal('webhook_version_wrong', {
        field: 'version',
        detail: `The secret that is in use has version ${seen.version}.`,
      });
    }
    return { ...seen, version: version + 1, previousUntil: deps.now() + LIMITS.overlapMs };
  });
  return withSecrets(deps, endpoint);
}

/** Sends an endpoint a message of its own. Refuses `webhook_disabled`. */
export async function testEndpoint(deps: ManageDeps, scope: Scope, id: string): Promise<Delivery> {
  const { deliveries, announce, now, newId } = deps;
  const endpoint = await readEnabled(deps, scope, id);
  const at = now();
  const data = { endpoint: endpoint.id };
  const body = JSON.stringify({ type: TEST_TYPE, timestamp: new Date(at).toISOString(), data });
  const key = { scope, endpointId: id, eventId: `${newId()}.test` };
  const { delivery } = await deliveries.create(newDelivery(key, { type: TEST_TYPE, body }, at));
  await announce([delivery], 0);
  return delivery;
}

/**
 * Makes a delivery again from its first attempt, whatever came of it. Refuses `webhook_disabled`,
 * `delivery_not_found` and `delivery_running`.
 */
export async function redeliver(
  deps: ManageDeps,
  scope: Scope,
  { id, eventId }: { readonly id: string; readonly eventId: string },
): Promise<Delivery> {
  const { deliveries, announce, now } = deps;
  await readEnabled(deps, scope, id);
  const key: DeliveryKey = { scope, endpointId: id, eventId };
  const seen = await deliveries.read(key);
  if (seen === undefined) throw new Refusal('delivery_not_found');
  const changes = startAgain(now());
  if (!(await deliveries.change(seen, changes, now()))) {
    throw new Refusal('delivery_running', { retryAfterSeconds: 1 });
  }
  await announce([key], 0);
  const { endReason: _endReason, ...delivery } = { ...seen, ...changes };
  return delivery;
}

/** An endpoint's deliveries, newest first. Refuses `cursor_invalid`. */
export async function listDeliveries(
  deps: ManageDeps,
  scope: Scope,
  id: string,
  page: { readonly limit: number; readonly cursor?: string },
): Promise<DeliveryPage> {
  return deps.deliveries.list(await readEndpoint(deps, scope, id), page);
}

function isAsWished(endpoint: Endpoint, wish: EndpointWish): boolean {
  const isSame = <T>(ours: readonly T[], theirs: readonly T[]) =>
    ours.length === theirs.length && ours.every((one) => theirs.includes(one));
  return isSame(endpoint.types, wish.types) && isSame(endpoint.signatures, wish.signatures);
}

async function readEndpoint({ endpoints }: ManageDeps, scope: Scope, id: string): Promise<Endpoint> {
  const found = (await endpoints.list(scope)).find((endpoint) => endpoint.id === id);
  if (found === undefined) throw new Refusal('webhook_not_found');
  return found;
}

async function readEnabled(deps: ManageDeps, scope: Scope, id: string): Promise<Endpoint> {
  const endpoint = await readEndpoint(deps, scope, id);
  if (!endpoint.enabled) throw new Refusal('webhook_disabled');
  return endpoint;
}

const TRIES = 5;

async function changeEndpoint(
  deps: ManageDeps,
  scope: Scope,
  id: string,
  change: (seen: Endpoint) => Endpoint,
): Promise<Endpoint> {
  // Deliveries write pauses into the row; whoever is overtaken by one goes on from there.
  for (let tries = 0; tries < TRIES; tries += 1) {
    const seen = await readEndpoint(deps, scope, id);
    const changed = change(seen);
    if (changed === seen) return seen;
    const next = { ...changed, revision: seen.revision + 1 };
    if (await deps.endpoints.change(seen, next)) return next;
  }
  throw new Refusal('too_busy', { retryAfterSeconds: 1 });
}

async function withSecrets({ keys, now }: ManageDeps, endpoint: Endpoint): Promise<WithSecrets> {
  const { signatures } = endpoint;
  const [secret] = signatures.includes('v1') ? await keys.secretsOf(endpoint, now()) : [];
  const [publicKey] = signatures.includes('v1a') ? await keys.publicKeysOf(endpoint, now()) : [];
  return {
    endpoint,
    ...(secret !== undefined && { secret }),
    ...(publicKey !== undefined && { publicKey }),
  };
}
