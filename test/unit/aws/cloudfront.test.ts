import { generateKeyPairSync } from 'node:crypto';
import { CloudFrontClient, CreateInvalidationCommand } from '@aws-sdk/client-cloudfront';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { createCloudFrontSigner } from '@sluice/connection/sign/cloudfront';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test, vi } from 'vitest';
import { createCloudFrontAddresses } from '../../../src/lib/aws/cloudfront-addresses.ts';
import { lazyForgetCopies } from '../../../src/lib/aws/lazy-forget-copies.ts';

function newKey(keyId: string) {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { keyId, privateKey };
}

const KEY = newKey('K2JCJMDEHXQW5F');
const OTHER = newKey('K3OTHER');
const ORIGIN = 'https://d111111abcdef8.cloudfront.net';
const SIGNED_AT = new Date('2026-11-20T09:15:00.700Z');
const READ = { method: 'GET', key: 'acme/0b6a', expiresInSeconds: 300, signedAt: SIGNED_AT } as const;
const MINUTE = 60_000;

function setup(first: Readonly<Record<string, unknown>> = KEY) {
  let now = 0;
  const read = vi.fn(async () => first);
  return {
    read,
    pass: (ms: number) => {
      now += ms;
    },
    sign: createCloudFrontAddresses({ origin: ORIGIN, read, now: () => now, onFailure: () => {} }),
  };
}

describe('an address at CloudFront', () => {
  test('is that of the object, until the whole second in which it ends', async () => {
    const { sign } = setup();
    const endsAt = new Date('2026-11-20T09:20:00Z');
    expect(await sign(READ)).toEqual({
      url: createCloudFrontSigner(KEY).signUrl(`${ORIGIN}/acme/0b6a`, endsAt),
      expiresAt: endsAt,
    });
  });

  test('has what S3 is to answer with among what is signed', async () => {
    const { sign } = setup();
    const contentDisposition = `inline; filename="a b.jpg"; filename*=UTF-8''a%20b%27.jpg`;
    const { url } = await sign({ ...READ, answer: { contentType: 'image/jpeg', contentDisposition } });
    const { searchParams } = new URL(url);
    expect(searchParams.get('response-content-disposition')).toBe(contentDisposition);
    expect(searchParams.get('response-content-type')).toBe('image/jpeg');
    const [address = ''] = url.split('&Expires=');
    expect(url).toBe(createCloudFrontSigner(KEY).signUrl(address, new Date('2026-11-20T09:20:00Z')));
  });

  test('is signed by a new key five minutes after that was put into the secret, without a deployment', async () => {
    const { sign, read, pass } = setup();
    const keyOf = async () => new URL((await sign(READ)).url).searchParams.get('Key-Pair-Id');
    expect(await keyOf()).toBe(KEY.keyId);
    read.mockResolvedValue(OTHER);
    pass(4 * MINUTE);
    expect(await keyOf()).toBe(KEY.keyId);
    pass(2 * MINUTE);
    expect(await keyOf()).toBe(OTHER.keyId);
    expect(read).toHaveBeenCalledTimes(2);
  });

  test.each([
    ['has no key', { keyId: 'K2' }],
    ['has a key that is none', { keyId: 'K2', privateKey: 'secret-of-mine' }],
  ])('is none while the secret %s, and the error shows nothing of it', async (_case, secret) => {
    const { sign } = setup(secret);
    const error = await sign(READ).catch((caught: Error) => caught);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).not.toContain('secret-of-mine');
  });
});

describe('a file that was deleted', () => {
  function forgetting() {
    const cloudFront = mockClient(CloudFrontClient);
    cloudFront.on(CreateInvalidationCommand).resolves({});
    const settings = resolveSettings({
      environment: {
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'secret',
      },
    });
    return { cloudFront, forget: lazyForgetCopies(settings, 'E1EXAMPLE') };
  }

  test('is forgotten by CloudFront under every header that it was asked for with, once however often that is said', async () => {
    const { cloudFront, forget } = forgetting();
    await forget({ id: '0b6a', key: 'acme/0b6a' });
    await forget({ id: '0b6a', key: 'acme/0b6a' });
    const [first, second] = cloudFront
      .commandCalls(CreateInvalidationCommand)
      .map(({ args: [{ input }] }) => input);
    expect(first).toEqual({
      DistributionId: 'E1EXAMPLE',
      InvalidationBatch: { CallerReference: '0b6a', Paths: { Quantity: 1, Items: ['/acme/0b6a*'] } },
    });
    expect(second).toEqual(first);
  });

  test('is not taken for forgotten when CloudFront is too busy', async () => {
    const { cloudFront, forget } = forgetting();
    cloudFront.on(CreateInvalidationCommand).rejects(new Error('too many invalidations in progress'));
    await expect(forget({ id: '0b6a', key: 'acme/0b6a' })).rejects.toThrow('too many');
  });
});
