import { type BucketAddress, toBucketRoot } from '@sluice/connection/sign/address';
import { describe, expect, test } from 'vitest';

const REGION = 'eu-central-1';

describe('toBucketRoot', () => {
  test.each<[string, BucketAddress, string]>([
    ['AWS', { region: REGION, bucket: 'uploads' }, 'https://uploads.s3.eu-central-1.amazonaws.com/'],
    ['a dotted name', { region: REGION, bucket: 'a.b' }, 'https://s3.eu-central-1.amazonaws.com/a.b/'],
    [
      'an old name',
      { region: REGION, bucket: 'Old_Name' },
      'https://s3.eu-central-1.amazonaws.com/Old_Name/',
    ],
    [
      'forced path style',
      { region: REGION, bucket: 'uploads', forcePathStyle: true },
      'https://s3.eu-central-1.amazonaws.com/uploads/',
    ],
    ['China', { region: 'cn-north-1', bucket: 'uploads' }, 'https://uploads.s3.cn-north-1.amazonaws.com.cn/'],
    [
      'an IPv4 endpoint',
      { region: REGION, bucket: 'uploads', endpoint: 'http://127.0.0.1:4566' },
      'http://127.0.0.1:4566/uploads/',
    ],
    [
      'an IPv6 endpoint',
      { region: REGION, bucket: 'uploads', endpoint: 'http://[::1]:4566/' },
      'http://[::1]:4566/uploads/',
    ],
    [
      'a named endpoint',
      { region: REGION, bucket: 'uploads', endpoint: 'http://localhost:4566' },
      'http://uploads.localhost:4566/',
    ],
    [
      'an endpoint with a path',
      { region: REGION, bucket: 'uploads', endpoint: 'https://gateway.example/s3', forcePathStyle: true },
      'https://gateway.example/s3/uploads/',
    ],
    [
      "an endpoint with its scheme's own port",
      { region: REGION, bucket: 'uploads', endpoint: 'https://s3.example:443' },
      'https://uploads.s3.example/',
    ],
  ])('addresses a bucket on %s', (_case, address, expected) => {
    const { origin, host, path } = toBucketRoot(address);

    expect(origin + path).toBe(expected);
    expect(host).toBe(new URL(expected).host);
  });

  test.each(['', 'eu', 'eu-central-1.evil.example/', 'EU-CENTRAL-1'])(
    'refuses "%s" as a region',
    (region) => {
      expect(() => toBucketRoot({ region, bucket: 'uploads' })).toThrow(`not a region name: "${region}"`);
    },
  );

  test.each(['', 'ab', 'a/b/c', '../a', 'arn:aws:s3:::uploads', 'a b c'])(
    'refuses "%s" as a bucket',
    (bucket) => {
      expect(() => toBucketRoot({ region: REGION, bucket })).toThrow(`not a bucket name: "${bucket}"`);
    },
  );

  test.each([
    '127.0.0.1:4566',
    'ftp://s3.example',
    'https://user:pw@s3.example',
    'https://s3.example/?a=1',
    '',
  ])('refuses "%s" as an endpoint and does not repeat it', (endpoint) => {
    expect(() => toBucketRoot({ region: REGION, bucket: 'uploads', endpoint })).toThrow(
      /^an S3 endpoint must be an http or https URL of host, port and path only$/,
    );
  });
});
