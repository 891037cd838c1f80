import type { Api } from '@sluice/client/api';
import { UsageError } from '../complaint.ts';
import type { World } from '../world.ts';

/** An endpoint as the API shows it. */
export type Webhook = {
  readonly id: string;
  readonly url: string;
  readonly types: readonly string[];
  readonly enabled: boolean;
  readonly isGone?: boolean;
  readonly version: number;
  readonly previousUntil?: string;
  readonly pausedUntil?: string;
  readonly secret?: string;
  readonly publicKey?: string;
};

/** What became of one event at one endpoint. */
export type Delivery = {
  readonly event: string;
  readonly type: string;
  readonly state: string;
  readonly createdAt: string;
  readonly nextAttemptAt?: string;
  readonly reason?: string;
  readonly attempts: readonly {
    readonly at: string;
    readonly ms: number;
    readonly status?: number;
    readonly error?: string;
  }[];
};

/** All endpoints. */
export async function readAll(api: Api, world: World): Promise<readonly Webhook[]> {
  const answer = await api({ method: 'GET', path: '/webhooks', signal: world.signal });
  return (answer as { readonly webhooks: readonly Webhook[] }).webhooks;
}

type Page = { readonly deliveries: readonly Delivery[]; readonly cursor?: string };

/** A page of what an endpoint was told. */
export async function readDeliveries(
  api: Api,
  world: World,
  { id, ...query }: { readonly id: string; readonly limit: number; readonly cursor?: string },
): Promise<Page> {
  const path = `${pathOf(id)}/deliveries`;
  return (await api({ method: 'GET', path, query, signal: world.signal })) as Page;
}

/** All that was given up at an endpoint. */
export async function readFailed(api: Api, world: World, id: string): Promise<Delivery[]> {
  const failed: Delivery[] = [];
  let cursor: string | undefined;
  do {
    const page = await readDeliveries(api, world, {
      id,
      limit: 100,
      ...(cursor !== undefined && { cursor }),
    });
    failed.push(...page.deliveries.filter(({ state }) => state === 'failed'));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return failed;
}

/** Where the API has an endpoint. */
export function pathOf(id: string): string {
  if (!/^[\w-]{1,128}$/.test(id)) throw new UsageError('That is not the id of a webhook.');
  return `/webhooks/${id}`;
}

/** What the API answers, as an endpoint. */
export function toWebhook(answer: unknown): Webhook {
  return answer as Webhook;
}

/** What the API answers, as a delivery. */
export function toDelivery(answer: unknown): Delivery {
  return answer as Delivery;
}
