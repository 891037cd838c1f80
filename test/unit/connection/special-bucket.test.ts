// Access points and directory buckets: the signer against the SDK's own presigner, with the client of the
// same settings.
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createBucketSigner, expiresAtOf } from '@sluice/connection/access/presign';
import { toAddress } from '@sluice/connection/access/special-bucket';
import { createS3Client } from '@sluice/connection/clients/s3';
import { createSession } from '@sluice/connection/session';
import { type CodeSettings, resolveSettings } from '@sluice/connection/settings/resolve';
import { createPresigner } from '@sluice/connection/sign/presign-url';
import { copyObject } from '@sluice/connection/transfers/copy';
import { describe, expect, test } from 'vitest';
import { queryBeyondSignature, sortQuery } from '../sign/oracle.ts';
import { setup as setupClient } from './servers/client.ts';
import { serve } from './servers/server.ts';

const signingDate = new Date('2026-11-26T12:00:00Z');
const keys = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret', sessionToken: 'token/with+signs' };

const POINT = 'arn:aws:s3:eu-west-1:123456789012:accesspoint/my-ap';
const buckets = [
  POINT,
  'arn:aws:s3:eu-west-1:123456789012:accesspoint:my-ap',
  'arn:aws:s3:us-west-2:123456789012:accesspoint/elsewhere',
  'arn:aws:s3-object-lambda:eu-west-1:123456789012:accesspoint/my-olap',
  'arn:aws-us-gov:s3:us-gov-west-1:123456789012:accesspoint/my-ap',
  'arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-01234567890123456/accesspoint/my-op',
  'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap',
  'arn:aws:s3:::plain',
  'my-ap-abcdefghijklmnop-s3alias',
  'my-ap-abcdefghijk--ol-s3',
  'test-accessp-o0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3',
  'photos--euw1-az1--x-s3',
  'photos--usw2-lax1-az1--x-s3',
  'point--euw1-az1--xa-s3',
];
const settings: readonly CodeSettings[] = [
  {},
  { useDualstackEndpoint: true },
  { useFipsEndpoint: true },
  { useFipsEndpoint: true, useDualstackEndpoint: true },
  { addressingStyle: 'path' },
  { addressingStyle: 'virtual' },
  { useAccelerateEndpoint: true },
  { endpoint: 'https://s3.example.com' },
  { endpoint: 'https://s3.example.com', addressingStyle: 'virtual' },
];

function setup(code: CodeSettings, region = 'eu-west-1') {
  return resolveSettings({ code: { region, disableExpressSessionAuth: true, ...code } });
}

describe('what stands in place of a bucket', () => {
  test.each(settings)(
    'is addressed and signed as by the SDK, or refused where the SDK has no address: %j',
    async (code) => {
      for (const bucket of buckets) {
        const region = bucket.includes('us-gov') ? 'us-gov-west-1' : 'eu-west-1';
        const resolved = setup(code, region);
        const client = createS3Client(resolved, { credentials: async () => keys });
        const command = new GetObjectCommand({ Bucket: bucket, Key: 'a/b c' });
        const theirs = await getSignedUrl(client, command, { signingDate, expiresIn: 60 }).catch(
          () => undefined,
        );
        const sign = () => {
          const query = queryBeyondSignature(theirs ?? 'https://none');
          const request = {
            method: 'GET',
            key: 'a/b c',
            expiresInSeconds: 60,
            signedAt: signingDate,
          } as const;
          return createPresigner(toAddress(resolved, region, bucket)).presignUrl(keys, { ...request, query })
            .url;
        };
        if (theirs === undefined) expect(sign, bucket).toThrow();
        else expect(sortQuery(sign()), bucket).toBe(sortQuery(theirs));
        client.destroy();
      }
    },
  );

  test('is asked in the region of its ARN, unless that is forbidden', async () => {
    const bucket = 'arn:aws:s3:us-west-2:123456789012:accesspoint/elsewhere';
    expect(toAddress(setup({}), 'eu-west-1', bucket)).toMatchObject({ region: 'us-west-2' });
    expect(() => toAddress(setup({ useArnRegion: false }), 'eu-west-1', bucket)).toThrow(
      'useArnRegion: "false" (from code) is not allowed; expected true, since the access point is in us-west-2',
    );
  });

  test.each([
    ['arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap', 'Signature Version 4A'],
    ['arn:aws:s3:::plain', 'not a bucket name'],
  ])('is a ParamValidationError when it is %s', (bucket, words) => {
    const session = { settings: setup({}), credentials: async () => keys };
    expect(() => createBucketSigner(session, bucket)).toThrow(words);
    expect(() => createBucketSigner(session, bucket)).toThrow(
      expect.objectContaining({ name: 'ParamValidationError' }),
    );
  });

  test.each([POINT, 'photos--euw1-az1--x-s3'])('has no forms when it is %s', async (bucket) => {
    const signer = createBucketSigner({ settings: setup({}), credentials: async () => keys }, bucket);
    await expect(signer.post({ key: 'k' })).rejects.toMatchObject({ code: 'invalid-parameter' });
  });

  test('is taken by the calls of a client, and named as the source of a copy as S3 reads it', async () => {
    const seen: unknown[] = [];
    // Takes requests as a proxy gets them, and answers them itself: the hosts do not exist.
    await using proxy = await serve((request, response) => {
      const { 'x-amz-copy-source': source } = request.headers;
      seen.push([request.method, request.url?.split('?')[0], source]);
      response.setHeader('etag', '"e"');
      if (request.method === 'HEAD') return response.setHeader('content-length', 1).end();
      return response.end('<CopyObjectResult><ETag>"copy"</ETag></CopyObjectResult>');
    });
    const { client } = setupClient('http://s3.invalid', { addressingStyle: 'virtual', httpProxy: proxy.url });
    const target = { bucket: 'bucket', key: 'to' };
    await copyObject({ client, source: { bucket: POINT, key: 'folder/a b' }, target });
    expect(seen).toEqual([
      ['HEAD', 'http://my-ap-123456789012.s3.invalid/folder/a%20b', undefined],
      ['PUT', 'http://bucket.s3.invalid/to', expect.any(String)],
    ]);
    expect(seen.flat().at(-1)).toBe(
      `${encodeURIComponent(POINT).replaceAll('%2F', '/')}/object/folder/a%20b`,
    );
    await expect(
      client.send(new HeadObjectCommand({ Bucket: 'arn:aws:s3:::plain', Key: 'k' })),
    ).rejects.toThrow('"arn:aws:s3:::plain" is not the name of a bucket, nor the ARN of an access point');
  });
});

describe('a directory bucket', () => {
  const bucket = 'photos--euw1-az1--x-s3';
  const answer = (expiration: Date) => `<?xml version="1.0"?>
<CreateSessionResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Credentials>
<AccessKeyId>ASIASESSION</AccessKeyId><SecretAccessKey>of-the-session</SecretAccessKey><SessionToken>to/ken+</SessionToken>
<Expiration>${expiration.toISOString()}</Expiration></Credentials></CreateSessionResult>`;

  async function open() {
    const seen: string[] = [];
    const expiration = new Date(Date.now() + 5 * 60_000);
    const server = await serve((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.writeHead(200, { 'content-type': 'application/xml' }).end(answer(expiration));
    });
    const code = { endpoint: server.url, region: 'eu-west-1', accessKeyId: 'AKIATEST', secretAccessKey: 's' };
    const session = createSession({ code, environment: { AWS_CONFIG_FILE: '/nowhere' } });
    return {
      seen,
      session,
      expiration,
      async [Symbol.asyncDispose]() {
        session.close();
        await server[Symbol.asyncDispose]();
      },
    };
  }

  test('is signed for with the keys of a session with it, as by the SDK, and the URL lives no longer than these', async () => {
    await using s3 = await open();
    const client = s3.session.client(createS3Client);
    const now = new Date();
    const command = new GetObjectCommand({ Bucket: bucket, Key: 'k' });
    const theirs = new URL(await getSignedUrl(client, command, { signingDate: now, expiresIn: 3600 }));
    const signer = createBucketSigner(s3.session, bucket, () => now);
    const ours = new URL(await signer.get({ key: 'k' }));
    // On an address, where the bucket stands in the path, the SDK puts one slash too many after it.
    expect(ours.origin + ours.pathname).toBe(theirs.origin + theirs.pathname.replace('//', '/'));
    for (const name of [
      'X-Amz-Algorithm',
      'X-Amz-Credential',
      'X-Amz-S3session-Token',
      'X-Amz-SignedHeaders',
    ])
      expect(ours.searchParams.get(name), name).toBe(theirs.searchParams.get(name));
    expect(ours.searchParams.get('X-Amz-Credential')).toContain('/eu-west-1/s3express/');
    expect(ours.searchParams.has('X-Amz-Security-Token')).toBe(false);
    expect(expiresAtOf(ours.href).getTime()).toBeLessThanOrEqual(s3.expiration.getTime());
    await signer.get({ key: 'other' });
    // One session for the SDK, one for the signer, whose second URL has the same.
    expect(s3.seen).toHaveLength(2);
  });

  test('is signed for by a signer that was given no client, and by the keys at hand where that is asked for', async () => {
    await using s3 = await open();
    const { settings, credentials } = s3.session;
    const url = await createBucketSigner({ settings, credentials }, bucket).get({ key: 'k' });
    expect(new URL(url).searchParams.get('X-Amz-S3session-Token')).toBe('to/ken+');
    const values = { ...settings.values, disableExpressSessionAuth: true };
    const plain = await createBucketSigner({ settings: { ...settings, values }, credentials }, bucket).get({
      key: 'k',
    });
    expect(new URL(plain).searchParams.get('X-Amz-Credential')).toMatch(/^AKIATEST\/.*\/s3express\//);
    expect(s3.seen).toHaveLength(1);
  });
});
