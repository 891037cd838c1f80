import type { BucketDescription } from '@sluice/connection/buckets/describe';
import { type Statement, tlsOnly, toPolicy } from '@sluice/connection/buckets/policy';
import { isTlsOnly } from '@sluice/connection/buckets/tls-only';
import { decideBucket } from '@sluice/connection/doctor/bucket';
import type { Check } from '@sluice/connection/doctor/finding';
import { AccessDeniedError } from '@sluice/connection/errors/service';
import { describe, expect, test } from 'vitest';

const safe: BucketDescription = {
  region: 'eu-central-1',
  isVersioned: false,
  encryption: 'AES256',
  isPublicAccessBlocked: true,
  ownership: 'BucketOwnerEnforced',
  policy: toPolicy([tlsOnly('bucket')]),
  cors: [{ AllowedMethods: ['PUT'], AllowedOrigins: ['https://a.example'], ExposeHeaders: ['etag'] }],
  lifecycle: [{ Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }],
  notifications: [{ QueueArn: 'arn:aws:sqs:eu-central-1:123456789012:q', Events: ['s3:ObjectCreated:*'] }],
  otherListeners: 0,
  unreadable: [],
};

function setup(change: Partial<BucketDescription> = {}, protocol = 'https:') {
  const context = { bucket: 'bucket', region: 'eu-central-1', protocol };
  const findings = decideBucket({ ...safe, ...change }, context);
  return { findings, about: (check: Check) => findings.find((finding) => finding.check === check) };
}

describe('a bucket', () => {
  test('is found safe in every aspect when it is', () => {
    expect(setup().findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  });

  test.each<[string, Partial<BucketDescription>, Check, string]>([
    ['is in another region', { region: 'us-west-2' }, 'region', 'Use the region us-west-2'],
    ['does not block public access', { isPublicAccessBlocked: false }, 'public-access', 'all four'],
    ['has no public access block', { isPublicAccessBlocked: undefined }, 'public-access', 'all four'],
    ['lets plain calls in', { policy: undefined }, 'tls-only', 'aws:SecureTransport'],
    ['has no default encryption', { encryption: undefined }, 'encryption', 'AES256'],
    ['has no CORS rule', { cors: undefined }, 'cors', 'allow their origins'],
    [
      'lets pages of every origin upload',
      { cors: [{ AllowedMethods: ['POST'], AllowedOrigins: ['*'] }] },
      'cors',
      'Name the origins',
    ],
    [
      'hides ETag from the pages that upload',
      { cors: [{ AllowedMethods: ['PUT'], AllowedOrigins: ['https://a.example'] }] },
      'cors',
      'ExposeHeaders',
    ],
    ['tells nobody of new objects', { notifications: [] }, 'notifications', 'ObjectCreated'],
    ['keeps unfinished uploads', { lifecycle: undefined }, 'lifecycle', 'AbortIncompleteMultipartUpload'],
    [
      'has its lifecycle switched off',
      { lifecycle: [{ Status: 'Disabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }] },
      'lifecycle',
      'AbortIncompleteMultipartUpload',
    ],
  ])('that %s is warned of, with what to do', (_what, change, check, fix) => {
    const finding = setup(change).about(check);
    expect(finding?.verdict).toBe('warn');
    expect(finding?.fix).toContain(fix);
  });

  test.each<[string, Partial<BucketDescription>, Check]>([
    [
      'pages of every origin may only read',
      { cors: [{ AllowedMethods: ['GET'], AllowedOrigins: ['*'] }] },
      'cors',
    ],
    ['EventBridge hears of its events', { notifications: [], otherListeners: 1 }, 'notifications'],
  ])('is fine when %s', (_what, change, check) => {
    expect(setup(change).about(check)?.verdict).toBe('ok');
  });

  test('is not asked for a TLS-only policy where there is no TLS', () => {
    expect(setup({ policy: undefined }, 'http:').about('tls-only')?.verdict).toBe('ok');
  });

  test('is not judged in what could not be read, and that is said', () => {
    const error = new AccessDeniedError({ message: 'no', serviceCode: 'AccessDenied' });
    const { about } = setup({ policy: undefined, unreadable: [{ aspect: 'policy', error }] });
    expect(about('tls-only')).toMatchObject({
      verdict: 'warn',
      detail: 'could not be read: AccessDeniedError (AccessDenied)',
      error: 'access-denied',
    });
  });
});

describe('a policy', () => {
  const deny = tlsOnly('bucket');
  const withStatement = (change: Partial<Record<keyof Statement, unknown>>) =>
    JSON.stringify({ Statement: [{ ...deny, ...change }] });

  test.each([
    ['as this layer writes it', toPolicy([deny])],
    ['among others', toPolicy([{ ...deny, Effect: 'Allow' }, deny])],
    ['as one statement without a list', JSON.stringify({ Statement: deny })],
    ['with the principal spelled out', withStatement({ Principal: { AWS: '*' } })],
    ['for every action', withStatement({ Action: ['*'] })],
    ['for every resource', withStatement({ Resource: '*' })],
    [
      'with another operator',
      withStatement({ Condition: { BoolIfExists: { 'aws:securetransport': false } } }),
    ],
  ])('denies plain calls %s', (_what, policy) => expect(isTlsOnly(policy, 'bucket')).toBe(true));

  test.each([
    ['it only allows', withStatement({ Effect: 'Allow' })],
    ['it is for one caller', withStatement({ Principal: { AWS: ['arn:aws:iam::123456789012:root'] } })],
    ['it is for reading', withStatement({ Action: 's3:GetObject' })],
    ['it is for objects and not for the bucket', withStatement({ Resource: ['arn:aws:s3:::bucket/*'] })],
    ['it is for another bucket', toPolicy([tlsOnly('other')])],
    ['it denies calls with TLS', withStatement({ Condition: { Bool: { 'aws:SecureTransport': 'true' } } })],
    ['it has no condition', withStatement({ Condition: undefined })],
    [
      'a second condition lets some through',
      withStatement({ Condition: { ...deny.Condition, IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }),
    ],
    ['it is no JSON', '{'],
    ['it is empty', '{}'],
  ])('does not count as TLS-only when %s', (_what, policy) =>
    expect(isTlsOnly(policy, 'bucket')).toBe(false),
  );
});
