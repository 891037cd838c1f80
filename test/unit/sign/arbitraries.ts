import type { SigningCredentials } from '@sluice/connection/sign/credentials';
import type { BucketAddress } from '@sluice/connection/sign/presign-url';
import fc from 'fast-check';

/** One of every partition, and the global-looking one that has been a special case in the past. */
export const regions = fc.constantFrom(
  'us-east-1',
  'eu-central-1',
  'ap-southeast-5',
  'cn-north-1',
  'us-gov-west-1',
  'us-iso-east-1',
  'us-isob-east-1',
  'us-isof-south-1',
  'eu-isoe-west-1',
  'eusc-de-east-1',
);

/** Every way to address a bucket: in the host name or the path, AWS or another S3, with port and prefix. */
export const addresses: fc.Arbitrary<BucketAddress> = fc.oneof(
  fc.record(
    {
      region: regions,
      bucket: fc.constantFrom('uploads', 'a-1', 'dotted.bucket.name'),
      forcePathStyle: fc.boolean(),
    },
    { requiredKeys: ['region', 'bucket'] },
  ),
  fc.record(
    {
      region: regions,
      bucket: fc.constantFrom('uploads', 'dotted.bucket.name'),
      endpoint: fc.constantFrom(
        'https://s3.example.com',
        'https://s3.example.com:9000/',
        'https://gateway.example/a/b',
      ),
      forcePathStyle: fc.boolean(),
    },
    { requiredKeys: ['region', 'bucket', 'endpoint'] },
  ),
  fc.record({
    region: regions,
    // Not a dotted one: over plain http the SDK puts it before the address, "http://a.b.127.0.0.1", and
    // fails.
    bucket: fc.constant('uploads'),
    endpoint: fc.constantFrom('http://127.0.0.1:4566', 'https://10.0.0.1', 'http://[::1]:4566'),
  }),
);

function isSendable(key: string): boolean {
  return (
    key !== '' &&
    Buffer.byteLength(key) <= 1024 &&
    key.split('/').every((part) => part !== '.' && part !== '..')
  );
}

/**
 * Keys that S3 takes, of the characters that signers have got wrong and of any others; up to the full length.
 */
export const keys: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({
      unit: fc.constantFrom(...'aZ0 +%~/-_.!\'()*&=?#;:@$,\\"<>[]{}|^`äß漢😀\n\t'),
      maxLength: 40,
    }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('a'.repeat(1024), 'ä'.repeat(512), '%2F', '/', '//', '/a', 'a/', 'a//b', '...', 'a+b c'),
  )
  .filter(isSendable);

/** What a header may hold, blanks in all places included. */
export const printable: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 30 }),
  fc.string({ unit: fc.constantFrom(' ', '\t', 'a'), minLength: 1, maxLength: 8 }),
);

export const credentialSets: fc.Arbitrary<SigningCredentials> = fc.record(
  {
    accessKeyId: fc.stringMatching(/^A[A-Z0-9]{15,19}$/),
    secretAccessKey: fc.string({ unit: 'grapheme-ascii', minLength: 16, maxLength: 40 }),
    sessionToken: fc.stringMatching(/^[A-Za-z0-9+/]{20,1200}={0,2}$/),
  },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
);

export const lifetimes = fc.integer({ min: 1, max: 604_800 });

export const signingTimes = fc.date({
  min: new Date('1990-01-01T00:00:00Z'),
  max: new Date('2100-01-01T00:00:00Z'),
  noInvalidDate: true,
});
