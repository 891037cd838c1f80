// GET /.well-known/sluice/webhook-keys: the public keys that verify ed25519 signatures of webhooks.
import { entryPoint } from '../lib/entry.ts';
import { openFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { parseTenant } from '../lib/http/parse-webhook.ts';
import { ALL_TENANTS } from '../lib/webhook/endpoint.ts';
import type { Endpoints, Keys } from '../lib/webhook/ports.ts';
import { webhookEndpoints, webhookKeys } from '../lib/wiring/webhooks.ts';

type KeysDeps = {
  readonly endpoints: Pick<Endpoints, 'list'>;
  readonly keys: Pick<Keys, 'publicKeysOf'>;
  readonly now: () => number;
};

// Whoever has the keys from before a rotation verifies by the old one, which is signed with for a day.
const CACHE_CONTROL = 'public, max-age=300';

export function createHandler({ endpoints, keys, now }: KeysDeps) {
  return openFunction().handler(async (event) => {
    const tenant = parseTenant(event.queryStringParameters?.tenant);
    const all = await endpoints.list(tenant ?? ALL_TENANTS);
    const signed = all.filter(({ signatures }) => signatures.includes('v1a'));
    const listed = signed.map(async (endpoint) => ({
      webhook: endpoint.id,
      publicKeys: await keys.publicKeysOf(endpoint, now()),
    }));
    return json(200, { keys: await Promise.all(listed) }, { 'cache-control': CACHE_CONTROL });
  });
}

export const handler = entryPoint(createHandler, {
  endpoints: webhookEndpoints,
  keys: webhookKeys,
  now: () => Date.now,
});
