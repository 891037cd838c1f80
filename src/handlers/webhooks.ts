// /webhooks…: the endpoints that are told of events, and what became of their deliveries. One function for
// all of these routes: they are seldom called, and share all that they need.
import { randomUUID } from 'node:crypto';
import type { Service } from '@sluice/contract/caller';
import { Refusal } from '@sluice/contract/refusals';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { entryPoint } from '../lib/entry.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import {
  parseDeliveryPage,
  parseRedelivery,
  parseRotation,
  parseWebhook,
} from '../lib/http/parse-webhook.ts';
import { toDeliveryResource, toWebhook, toWebhookWithSecrets } from '../lib/http/webhook-resource.ts';
import { tell } from '../lib/log/deeds.ts';
import { ALL_TENANTS, type Scope } from '../lib/webhook/endpoint.ts';
import {
  addEndpoint,
  enableEndpoint,
  listDeliveries,
  type ManageDeps,
  redeliver,
  removeEndpoint,
  rotateSecret,
  testEndpoint,
} from '../lib/webhook/manage.ts';
import {
  webhookAnnounce,
  webhookDeliveries,
  webhookEndpoints,
  webhookKeys,
  webhookReach,
} from '../lib/wiring/webhooks.ts';

type Call = { readonly event: APIGatewayProxyEventV2; readonly scope: Scope; readonly id: string };
type Route = (deps: ManageDeps, call: Call) => Promise<APIGatewayProxyStructuredResultV2>;

const ROUTES: Readonly<Record<string, Route>> = {
  'GET /webhooks': async ({ endpoints, now }, { scope }) => {
    const all = await endpoints.list(scope);
    return json(200, { webhooks: all.map((endpoint) => toWebhook(endpoint, now())) });
  },
  'POST /webhooks': async (deps, { event, scope }) => {
    const added = await addEndpoint(deps, scope, parseWebhook(event));
    return json(201, toWebhookWithSecrets(added, deps.now()));
  },
  'DELETE /webhooks/{id}': async (deps, { scope, id }) => {
    await removeEndpoint(deps, scope, id);
    return { statusCode: 204 };
  },
  'POST /webhooks/{id}/enable': async (deps, { scope, id }) =>
    json(200, toWebhook(await enableEndpoint(deps, scope, id), deps.now())),
  'POST /webhooks/{id}/rotate': async (deps, { event, scope, id }) => {
    const rotated = await rotateSecret(deps, scope, { id, version: parseRotation(event) });
    return json(200, toWebhookWithSecrets(rotated, deps.now()));
  },
  'POST /webhooks/{id}/test': async (deps, { scope, id }) =>
    json(202, toDeliveryResource(await testEndpoint(deps, scope, id))),
  'GET /webhooks/{id}/deliveries': async (deps, { event, scope, id }) => {
    const page = parseDeliveryPage(event.queryStringParameters);
    const { deliveries, cursor } = await listDeliveries(deps, scope, id, page);
    return json(200, {
      deliveries: deliveries.map(toDeliveryResource),
      ...(cursor !== undefined && { cursor }),
    });
  },
  'POST /webhooks/{id}/redeliver': async (deps, { event, scope, id }) => {
    const delivery = await redeliver(deps, scope, { id, eventId: parseRedelivery(event) });
    return json(202, toDeliveryResource(delivery));
  },
};

export function createHandler(deps: ManageDeps) {
  return httpFunction({ service: 'webhooks' }, deps.now).handler(async (event) => {
    const route = ROUTES[event.routeKey];
    if (route === undefined) throw new Refusal('route_not_found');
    const id = event.pathParameters?.id ?? '';
    const answer = await route(deps, { event, scope: scopeOf(event.caller), id });
    if (!event.routeKey.startsWith('GET '))
      tell('webhooks managed', event, { route: event.routeKey, endpointId: id });
    return answer;
  });
}

/** A service manages the endpoints of its tenant, or those that hear of all tenants. */
function scopeOf({ tenant = ALL_TENANTS }: Service): Scope {
  return tenant;
}

export const handler = entryPoint(createHandler, {
  endpoints: webhookEndpoints,
  deliveries: webhookDeliveries,
  announce: webhookAnnounce,
  keys: webhookKeys,
  reach: webhookReach,
  now: () => Date.now,
  newId: () => randomUUID,
});
