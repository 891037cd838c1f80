import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createBucketSigner, expiresAtOf } from '@sluice/connection/access/presign';
import { type CodeSettings, resolveSettings } from '@sluice/connection/settings/resolve';
import { describe, expect, test } from 'vitest';

const signedAt = new Date('2026-11-22T12:00:00Z');
const keys = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };

function setup(expiration?: Date, code: CodeSettings = {}, bucket = 'photos') {
  const settings = resolveSettings({ code: { region: 'eu-central-1', ...code } });
  const credentials = async () => ({ ...keys, ...(expiration && { expiration, sessionToken: 'token' }) });
  return createBucketSigner({ settings, credentials }, bucket, () => signedAt);
}

describe('a signed URL', () => {
  test('is a string that lives an hour unless told otherwise, as in boto3', async () => {
    const url = await setup().get({ key: 'a b.jpg' });
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('3600');
    expect(expiresAtOf(url)).toEqual(new Date('2026-11-22T13:00:00Z'));
  });

  test("is the SDK's own, parameter by parameter", async () => {
    const sdk = new S3Client({ region: 'eu-central-1', credentials: keys });
    const command = new GetObjectCommand({
      Bucket: 'photos',
      Key: 'a b.jpg',
      ResponseContentType: 'image/png',
      RequestPayer: 'requester',
      ExpectedBucketOwner: '123456789012',
    });
    const theirs = new URL(await getSignedUrl(sdk, command, { signingDate: signedAt, expiresIn: 60 }));
    const request = {
      key: 'a b.jpg',
      responseContentType: 'image/png',
      requestPayer: 'requester',
      expectedBucketOwner: '123456789012',
      expiresInSeconds: 60,
    } as const;
    const ours = new URL(await setup().get(request));
    // The SDK alone names its operation, and asks for checksums.
    for (const name of ['x-id', 'x-amz-checksum-mode']) theirs.searchParams.delete(name);
    for (const url of [ours, theirs]) url.searchParams.delete('X-Amz-Signature');
    theirs.searchParams.delete('X-Amz-Content-Sha256');
    expect(ours.pathname).toBe(theirs.pathname);
    expect([...ours.searchParams].toSorted()).toEqual([...theirs.searchParams].toSorted());
  });

  test('dies with the keys that signed it, and says so', async () => {
    const expiration = new Date('2026-11-22T12:10:00Z');
    expect(expiresAtOf(await setup(expiration).get({ key: 'k' }))).toEqual(expiration);
    expect(expiresAtOf(await setup(expiration).post({ key: 'k' }))).toEqual(expiration);
  });

  test('signs what the client must send, and leaves nothing of it in the query', async () => {
    const url = await setup().put({
      key: 'k',
      contentType: 'image/png',
      contentLength: 10,
      checksumSha256: 'q83v',
      ifNoneMatch: '*',
      metadata: { author: 'me' },
    });
    const { searchParams } = new URL(url);
    expect(searchParams.get('X-Amz-SignedHeaders')).toBe(
      'content-length;content-type;host;if-none-match;x-amz-checksum-sha256;x-amz-meta-author',
    );
    expect([...searchParams.keys()].filter((name) => /checksum|meta|crc/i.test(name))).toEqual([]);
  });

  test('of a part names the part and its upload', async () => {
    const url = await setup().part({ key: 'k', uploadId: 'U 1', partNumber: 7 });
    expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({ uploadId: 'U 1', partNumber: '7' });
  });
});

test('gives a form as boto3 does: url and fields, the key among them, and nothing else', async () => {
  const form = await setup().post({
    key: 'k',
    contentType: 'image/png',
    contentLengthRange: { min: 1, max: 9 },
  });
  expect(Object.keys(form)).toEqual(['url', 'fields']);
  expect(form.fields).toMatchObject({ key: 'k', 'Content-Type': 'image/png' });
  expect(Buffer.from(form.fields.Policy ?? '', 'base64').toString()).toContain(
    '["content-length-range",1,9]',
  );
});

describe('the address', () => {
  const on = [false, true];
  const regions = [
    'eu-central-1',
    'us-east-1',
    'cn-north-1',
    'us-gov-west-1',
    'eusc-de-east-1',
    'us-iso-east-1',
  ];
  const cases = on.flatMap((useAccelerateEndpoint) =>
    on.flatMap((useDualstackEndpoint) =>
      on.flatMap((useFipsEndpoint) =>
        (['auto', 'path'] as const).flatMap((addressingStyle) =>
          [undefined, 'https://minio.example.com'].flatMap((endpoint) => ({
            useAccelerateEndpoint,
            useDualstackEndpoint,
            useFipsEndpoint,
            addressingStyle,
            endpoint,
          })),
        ),
      ),
    ),
  );

  test.each(cases)('is the one the SDK signs for, or a SettingError where it has none: %j', async (code) => {
    const { addressingStyle, endpoint, ...flags } = code;
    for (const region of regions) {
      for (const bucket of ['photos', 'my.photos']) {
        const sdk = new S3Client({
          region,
          credentials: keys,
          forcePathStyle: addressingStyle === 'path' || endpoint !== undefined,
          ...(endpoint !== undefined && { endpoint }),
          ...flags,
        });
        const toPlace = (text: string) => text.split('?', 1)[0];
        const theirs = await getSignedUrl(sdk, new GetObjectCommand({ Bucket: bucket, Key: 'k' })).then(
          toPlace,
          () => 'SettingError',
        );
        const sign = async () => setup(undefined, { ...code, region }, bucket);
        const ours = sign().then(
          async (signer) => {
            const { url } = await signer.post({ key: 'k' });
            const place = toPlace(await signer.get({ key: 'k' }));
            expect(`${url.replace(/\/$/, '')}/k`).toBe(place);
            return place;
          },
          (error: Error) => error.name,
        );
        expect(await ours, `${bucket} in ${region}`).toBe(theirs);
      }
    }
  });

  test('that S3 does not have is refused by the names of both settings', () => {
    expect(() => setup(undefined, { useAccelerateEndpoint: true, useFipsEndpoint: true })).toThrow(
      'useAccelerateEndpoint: "true" (from code) is not allowed; expected false with FIPS',
    );
  });
});

describe('a grant that could not work', () => {
  test.each([
    ['it would outlive the signing key', { key: 'k', expiresInSeconds: 604_801 }],
    ['it would be dead at once', { key: 'k', expiresInSeconds: 0 }],
    ['it has no key', { key: '' }],
  ])('is a ParamValidationError when %s', async (_why, grant) => {
    await expect(setup().get(grant)).rejects.toMatchObject({
      name: 'ParamValidationError',
      retryable: false,
    });
  });

  test('is an ExpiredCredentialsError when the keys are past their end', async () => {
    const signer = setup(new Date('2026-11-22T11:59:59Z'));
    await expect(signer.get({ key: 'k' })).rejects.toMatchObject({ code: 'expired-credentials' });
    await expect(signer.post({ key: 'k' })).rejects.toMatchObject({ code: 'expired-credentials' });
  });
});
