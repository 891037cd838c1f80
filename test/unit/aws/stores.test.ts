import { describe, expect, test } from 'vitest';
import { settleStores } from '../../../src/lib/aws/settle-stores.ts';
import { createPartSigner, createUploadSigner } from '../../../src/lib/aws/signers.ts';
import { createStoreClient } from '../../../src/lib/aws/store-client.ts';
import { createStoreKeys, roleKeys } from '../../../src/lib/aws/stores.ts';
import { createEnvironment, type Place } from '../../../src/lib/settings.ts';

const PLACE: Place = {
  endpoint: 'https://minio.internal:9000',
  publicEndpoint: 'https://files.example.com',
  region: 'auto',
  addressingStyle: 'auto',
  keysSecret: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:keys-AbCdEf',
};
const OLD = { accessKeyId: 'old', secretAccessKey: 'old-secret' };
const NEW = { accessKeyId: 'new', secretAccessKey: 'new-secret' };
const AT = new Date('2026-11-26T12:00:00Z');
const WISH = { transport: 'put', key: 't/1', contentType: 'text/csv', length: { min: 3, max: 3 } } as const;

const OWN = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'role',
  AWS_SECRET_ACCESS_KEY: 'role-secret',
  AWS_SESSION_TOKEN: 'token',
};

function settle({ endpoint, publicEndpoint, region, addressingStyle, keysSecret }: Partial<Place> = {}) {
  return settleStores(
    createEnvironment({
      ...OWN,
      S3_ENDPOINT: endpoint,
      S3_PUBLIC_ENDPOINT: publicEndpoint,
      S3_REGION: region,
      S3_ADDRESSING_STYLE: addressingStyle,
      S3_KEYS_SECRET: keysSecret,
    }),
  );
}

function setup(place: Place = PLACE) {
  let now = 1_795_166_100_000;
  let secret: Readonly<Record<string, unknown>> = OLD;
  const keys = createStoreKeys({ read: async () => secret, now: () => now, onFailure: () => {} });
  return {
    stores: { ...settle(place), keys },
    replace: (next: typeof secret) => {
      secret = next;
    },
    pass: (ms: number) => {
      now += ms;
    },
  };
}
async function urlOf({ stores }: ReturnType<typeof setup>): Promise<URL> {
  const { signature } = await createUploadSigner(stores, 'incoming')(WISH, 900, AT);
  return new URL('put' in signature ? signature.put.url : '');
}

describe('the stack’s own buckets', () => {
  test('are reached with the settings of everything else, by the role of the function', async () => {
    const environment = createEnvironment(OWN);
    const own = { ...settleStores(environment), keys: roleKeys(environment.connection()) };
    expect(own.settings).toBe(environment.connection());
    expect(own.publicSettings).toBe(environment.connection());
    await own.keys.ready();
    expect(own.keys.current()).toEqual({
      accessKeyId: 'role',
      secretAccessKey: 'role-secret',
      sessionToken: 'token',
    });
    expect(own.keys.provider).toBeUndefined();
  });
});

describe('buckets on another S3', () => {
  test('are reached by one address and signed for another, in its region, by its keys', async () => {
    const world = setup();
    await world.stores.keys.ready();
    const url = await urlOf(world);
    expect(url.origin).toBe('https://files.example.com');
    expect(url.pathname).toBe('/incoming/t/1');
    expect(url.searchParams.get('X-Amz-Credential')).toMatch(/^old\/\d{8}\/auto\/s3\//);
    expect(url.searchParams.has('X-Amz-Security-Token')).toBe(false);
    const client = createStoreClient(world.stores);
    expect(await client.config.endpoint?.()).toMatchObject({ hostname: 'minio.internal', port: 9000 });
    expect(await client.config.region()).toBe('auto');
    expect(await client.config.credentials()).toMatchObject(OLD);
    client.destroy();
  });

  test('have one address where no other is named', async () => {
    const { publicEndpoint: _none, ...place } = PLACE;
    const world = setup(place);
    await world.stores.keys.ready();
    expect((await urlOf(world)).origin).toBe('https://minio.internal:9000');
  });

  test('have the bucket before the host where the store wants that', async () => {
    const world = setup({ ...PLACE, addressingStyle: 'virtual' });
    await world.stores.keys.ready();
    expect((await urlOf(world)).origin).toBe('https://incoming.files.example.com');
  });

  test.each([
    ['an endpoint', { endpoint: 'minio' }],
    ['a style', { addressingStyle: 'host' }],
  ])('are not reached by what is no such thing as %s', (_case, changes) => {
    expect(() => setup({ ...PLACE, ...changes })).toThrow(
      expect.objectContaining({ code: 'invalid-setting' }),
    );
  });

  test('are signed for with keys that were replaced within five minutes, by client and signer alike', async () => {
    const world = setup();
    const { keys } = world.stores;
    await keys.ready();
    expect(await keys.provider?.()).toMatchObject(OLD);
    world.replace(NEW);
    world.pass(5 * 60_000 - 1);
    await keys.ready();
    expect(keys.current()).toEqual(OLD);
    world.pass(1);
    await keys.ready();
    expect(keys.current()).toEqual(NEW);
    expect(await keys.provider?.()).toMatchObject(NEW);
  });

  test('have keys that the client asks for again: they say that they end', async () => {
    const { keys } = setup().stores;
    const { expiration } = (await keys.provider?.()) ?? {};
    expect(expiration?.getTime()).toBe(1_795_166_160_000);
  });

  test('are not signed for before their keys were fetched', async () => {
    const { stores } = setup();
    const sign = () => createPartSigner(stores, 'incoming').sign('k', 'u', { partNumber: 1 }, 900, AT);
    expect(sign).toThrow('not fetched');
    await stores.keys.ready();
    expect(sign().url).toContain('partNumber=1');
  });

  test('are not reached with a secret that holds no keys, and the message shows nothing of it', async () => {
    const { stores, replace } = setup();
    replace({ accessKeyId: 'id', secretKey: 'hunter2' });
    await expect(stores.keys.ready()).rejects.toThrow(/no accessKeyId and secretAccessKey/);
    await expect(stores.keys.ready()).rejects.not.toThrow(/hunter2/);
  });
});
