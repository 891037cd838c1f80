import { ALL_TENANTS, type Endpoint } from '../../../src/lib/webhook/endpoint.ts';
import { createWebhookKeys } from '../../../src/lib/webhook/keys.ts';
import type { ManageDeps } from '../../../src/lib/webhook/manage.ts';
import { memoryDeliveries, memoryEndpoints, memoryQueue, memorySlots } from '../../fakes/memory-webhooks.ts';

/** The webhook that the events speak of. */
export const WEBHOOK = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

/** All that the functions of webhooks reach, in memory, with one webhook that hears of all tenants. */
export function createWebhooksWorld(now: () => number, newId: () => string) {
  const endpoint: Endpoint = {
    id: WEBHOOK,
    scope: ALL_TENANTS,
    url: 'https://app.example.com/hooks',
    types: ['upload.accepted'],
    signatures: ['v1', 'v1a'],
    enabled: true,
    createdAt: now(),
    version: 1,
    revision: 1,
  };
  const { endpoints, rows: endpointRows } = memoryEndpoints(new Map([[WEBHOOK, endpoint]]));
  const { deliveries, rows } = memoryDeliveries();
  const queue = memoryQueue(now);
  const sent: string[] = [];
  const manage: ManageDeps = {
    endpoints,
    deliveries,
    announce: queue.announce,
    keys: createWebhookKeys(async () => ['m'.repeat(64)]),
    reach: 'public',
    now,
    newId,
  };
  return {
    ...manage,
    deliveries,
    keys: createWebhookKeys(async () => ['m'.repeat(64)]),
    slots: memorySlots(),
    speed: 1,
    post: async ({ headers }: { readonly headers: Readonly<Record<string, string>> }) => {
      sent.push(headers['webhook-id'] ?? '');
      return { status: 204 };
    },
    random: () => 0.5,
    userAgent: 'Sluice-Webhooks/0',
    endpoint: () => endpointRows.get(WEBHOOK),
    rows,
    messages: queue.messages,
    countMessages: async () => queue.messages.length,
    sent,
  };
}
