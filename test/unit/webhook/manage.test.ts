import { describe, expect, test } from 'vitest';
import { withConfigured } from '../../../src/lib/webhook/configured.ts';
import { ALL_TENANTS, DEPLOYMENTS_OWN, LIMITS } from '../../../src/lib/webhook/endpoint.ts';
import { createWebhookKeys, deriveSecret } from '../../../src/lib/webhook/keys.ts';
import {
  addEndpoint,
  enableEndpoint,
  type ManageDeps,
  redeliver,
  removeEndpoint,
  rotateSecret,
  testEndpoint,
} from '../../../src/lib/webhook/manage.ts';
import { memoryDeliveries, memoryEndpoints, memoryQueue } from '../../fakes/memory-webhooks.ts';
import { endpointOf, MASTER, START } from './world.ts';

const WISH = {
  url: 'https://hooks.example.com/sluice',
  types: ['upload.accepted'],
  signatures: ['v1'],
} as const;

function setup({ url, now = () => START }: { url?: string; now?: () => number } = {}) {
  const { endpoints, rows } = memoryEndpoints();
  const { deliveries } = memoryDeliveries();
  let ids = 0;
  const deps: ManageDeps = {
    endpoints: withConfigured(endpoints, url),
    deliveries,
    announce: memoryQueue(now).announce,
    keys: createWebhookKeys(async () => [MASTER]),
    reach: 'public',
    now,
    newId: () => `id-${++ids}`,
  };
  return { deps, rows };
}

describe('an endpoint', () => {
  test('that is asked for again is the one that is there, with its secret', async () => {
    const { deps, rows } = setup();
    const first = await addEndpoint(deps, 'acme', WISH);
    expect(await addEndpoint(deps, 'acme', WISH)).toEqual(first);
    expect(rows.size).toBe(1);
    expect(first.secret).toBe(deriveSecret(MASTER, { id: 'id-1', version: 1 }));
    const other = { ...WISH, types: ['upload.rejected'] } as const;
    await expect(addEndpoint(deps, 'acme', other)).rejects.toMatchObject({ code: 'webhook_exists' });
    // Another tenant's is another.
    expect((await addEndpoint(deps, 'beta', WISH)).endpoint.id).not.toBe(first.endpoint.id);
  });

  test('is one of twenty at most, in each scope', async () => {
    const { deps } = setup();
    for (let index = 0; index < LIMITS.endpoints; index += 1) {
      await addEndpoint(deps, 'acme', { ...WISH, url: `${WISH.url}/${index}` });
    }
    await expect(addEndpoint(deps, 'acme', WISH)).rejects.toMatchObject({ code: 'webhooks_too_many' });
    await expect(addEndpoint(deps, 'beta', WISH)).resolves.toBeDefined();
  });

  test.each(['http://hooks.example.com/', 'https://10.0.0.1/', 'https://user:pass@hooks.example.com/'])(
    'is not added as %s',
    async (url) => {
      const { deps, rows } = setup();
      const added = addEndpoint(deps, ALL_TENANTS, { ...WISH, url });
      await expect(added).rejects.toMatchObject({ code: 'webhook_url_invalid', extras: { field: 'url' } });
      expect(rows.size).toBe(0);
    },
  );

  test.each([
    ['enabled', (deps: ManageDeps) => enableEndpoint(deps, 'beta', 'id-1')],
    ['rotated', (deps: ManageDeps) => rotateSecret(deps, 'beta', { id: 'id-1', version: 1 })],
    ['tested', (deps: ManageDeps) => testEndpoint(deps, 'beta', 'id-1')],
    ['sent to again', (deps: ManageDeps) => redeliver(deps, 'beta', { id: 'id-1', eventId: 'e' })],
  ])('is not %s by another tenant, to which it does not exist', async (_what, act) => {
    const { deps, rows } = setup();
    await addEndpoint(deps, 'acme', WISH);
    const before = JSON.stringify([...rows.values()]);
    await expect(act(deps)).rejects.toMatchObject({ code: 'webhook_not_found' });
    await removeEndpoint(deps, 'beta', 'id-1');
    expect(JSON.stringify([...rows.values()])).toBe(before);
  });

  test('is rotated once, however often the request is repeated', async () => {
    const { deps } = setup();
    await addEndpoint(deps, 'acme', WISH);
    const first = await rotateSecret(deps, 'acme', { id: 'id-1', version: 1 });
    expect(await rotateSecret(deps, 'acme', { id: 'id-1', version: 1 })).toEqual(first);
    expect(first.endpoint).toMatchObject({ version: 2, previousUntil: START + LIMITS.overlapMs });
    expect(first.secret).toBe(deriveSecret(MASTER, { id: 'id-1', version: 2 }));
    const wrong = rotateSecret(deps, 'acme', { id: 'id-1', version: 7 });
    await expect(wrong).rejects.toMatchObject({
      code: 'webhook_version_wrong',
      extras: { field: 'version' },
    });
  });

  test('is rotated and enabled though deliveries write its row at the same moment', async () => {
    const { deps, rows } = setup();
    await addEndpoint(deps, 'acme', WISH);
    let races = 3;
    const racing: ManageDeps = {
      ...deps,
      endpoints: {
        ...deps.endpoints,
        change: async (seen, next) => {
          const row = rows.get(seen.id);
          if (races-- > 0 && row)
            rows.set(row.id, { ...row, pausedUntil: START, revision: row.revision + 1 });
          return deps.endpoints.change(seen, next);
        },
      },
    };
    expect((await rotateSecret(racing, 'acme', { id: 'id-1', version: 1 })).endpoint.version).toBe(2);
    races = 100;
    await expect(enableEndpoint(racing, 'acme', 'id-1')).rejects.toMatchObject({ code: 'too_busy' });
  });

  test('that is enabled again is not paused, and not gone', async () => {
    const { deps, rows } = setup();
    rows.set('e1', endpointOf({ enabled: false, isGone: true, pausedUntil: START + 1, pauses: 4 }));
    const enabled = await enableEndpoint(deps, ALL_TENANTS, 'e1');
    expect(enabled).toEqual(endpointOf({ revision: 2 }));
    await expect(testEndpoint(deps, ALL_TENANTS, 'e1')).resolves.toMatchObject({ type: 'webhook.test' });
  });

  test('that is disabled gets nothing by hand', async () => {
    const { deps, rows } = setup();
    rows.set('e1', endpointOf({ enabled: false }));
    const code = 'webhook_disabled';
    await expect(testEndpoint(deps, ALL_TENANTS, 'e1')).rejects.toMatchObject({ code });
    const again = redeliver(deps, ALL_TENANTS, { id: 'e1', eventId: 'e' });
    await expect(again).rejects.toMatchObject({ code });
  });
});

test('what is on its way is not delivered again by hand', async () => {
  const { deps } = setup();
  await addEndpoint(deps, 'acme', WISH);
  const { eventId } = await testEndpoint(deps, 'acme', 'id-1');
  // A worker takes it up between the look at the row and the change.
  const deliveries = { ...deps.deliveries, change: async () => false };
  await expect(redeliver({ ...deps, deliveries }, 'acme', { id: 'id-1', eventId })).rejects.toMatchObject({
    code: 'delivery_running',
    extras: { retryAfterSeconds: 1 },
  });
});

describe('the endpoint that the deployment names', () => {
  const url = 'https://app.example.com/hooks';

  test('hears of everything without having been added, and has a secret from the start', async () => {
    const { deps, rows } = setup({ url });
    const [own] = await deps.endpoints.list(ALL_TENANTS);
    expect(own).toMatchObject({
      id: DEPLOYMENTS_OWN,
      url,
      enabled: true,
      version: 1,
      signatures: ['v1', 'v1a'],
    });
    expect(await deps.endpoints.list('acme')).toEqual([]);
    const shown = await rotateSecret(deps, ALL_TENANTS, { id: DEPLOYMENTS_OWN, version: 0 });
    expect(shown.secret).toBe(deriveSecret(MASTER, { id: DEPLOYMENTS_OWN, version: 1 }));
    expect(rows.size).toBe(0);
  });

  test('is rotated like the others, and stays so when the deployment names another address', async () => {
    const { deps, rows } = setup({ url });
    await rotateSecret(deps, ALL_TENANTS, { id: DEPLOYMENTS_OWN, version: 1 });
    const stored = memoryEndpoints(rows).endpoints;
    const [moved] = await withConfigured(stored, `${url}/v2`).list(ALL_TENANTS);
    expect(moved).toMatchObject({ url: `${url}/v2`, version: 2, enabled: true });
    expect(await withConfigured(stored, undefined).list(ALL_TENANTS)).toEqual([]);
  });

  test('that answered 410 stays disabled as long as its address is the same', async () => {
    const { deps, rows } = setup({ url });
    const [own] = await deps.endpoints.list(ALL_TENANTS);
    if (own) await deps.endpoints.change(own, { ...own, enabled: false, isGone: true, revision: 1 });
    const stored = memoryEndpoints(rows).endpoints;
    expect(await withConfigured(stored, url).list(ALL_TENANTS)).toMatchObject([{ enabled: false }]);
    expect(await withConfigured(stored, `${url}/v2`).list(ALL_TENANTS)).toMatchObject([{ enabled: true }]);
  });

  test('cannot be removed', async () => {
    const { deps } = setup({ url });
    const removed = removeEndpoint(deps, ALL_TENANTS, DEPLOYMENTS_OWN);
    await expect(removed).rejects.toMatchObject({ code: 'webhook_of_deployment' });
  });
});
