import { generateKeyPairSync, verify } from 'node:crypto';
import { getSignedCookies, getSignedUrl } from '@aws-sdk/cloudfront-signer';
import { type CloudFrontPolicy, createCloudFrontSigner } from '@sluice/connection/sign/cloudfront';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

// The key of the examples in CloudFront's developer guide of 2012, as boto's tests keep it. It opens nothing.
const PUBLISHED_KEY = `-----BEGIN RSA PRIVATE KEY-----
MIICXQIBAAKBgQDA7ki9gI/lRygIoOjV1yymgx6FYFlzJ+z1ATMaLo57nL57AavW
hb68HYY8EA0GJU9xQdMVaHBogF3eiCWYXSUZCWM/+M5+ZcdQraRRScucmn6g4EvY
2K4W2pxbqH8vmUikPxir41EeBPLjMOzKvbzzQy9e/zzIQVREKSp/7y1mywIDAQAB
AoGABc7mp7XYHynuPZxChjWNJZIq+A73gm0ASDv6At7F8Vi9r0xUlQe/v0AQS3yc
N8QlyR4XMbzMLYk3yjxFDXo4ZKQtOGzLGteCU2srANiLv26/imXA8FVidZftTAtL
viWQZBVPTeYIA69ATUYPEq0a5u5wjGyUOij9OWyuy01mbPkCQQDluYoNpPOekQ0Z
WrPgJ5rxc8f6zG37ZVoDBiexqtVShIF5W3xYuWhW5kYb0hliYfkq15cS7t9m95h3
1QJf/xI/AkEA1v9l/WN1a1N3rOK4VGoCokx7kR2SyTMSbZgF9IWJNOugR/WZw7HT
njipO3c9dy1Ms9pUKwUF46d7049ck8HwdQJARgrSKuLWXMyBH+/l1Dx/I4tXuAJI
rlPyo+VmiOc7b5NzHptkSHEPfR9s1OK0VqjknclqCJ3Ig86OMEtEFBzjZQJBAKYz
470hcPkaGk7tKYAgP48FvxRsnzeooptURW5E+M+PQ2W9iDPPOX9739+Xi02hGEWF
B0IGbQoTRFdE4VVcPK0CQQCeS84lODlC0Y2BZv2JxW3Osv/WkUQ4dslfAQl1T303
7uwwr7XTroMv8dIFQIPreoPhRKmd/SbJzbiKfS/4QDhU
-----END RSA PRIVATE KEY-----`;

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const KEY = { keyId: 'K2JCJMDEHXQW5F', privateKey };
const signer = createCloudFrontSigner(KEY);
const ENDS_AT = new Date('2026-11-20T09:20:00Z');

function parametersOf(url: string) {
  return Object.fromEntries(new URL(url).searchParams);
}

/** Base64 in CloudFront's characters, read again. */
function fromSafe(text = ''): Buffer {
  return Buffer.from(text.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/'), 'base64');
}

describe('what AWS has published', () => {
  test('is the signature of its example of a canned policy, whose address has a query', () => {
    const published = createCloudFrontSigner({ keyId: 'PK123456789754', privateKey: PUBLISHED_KEY });
    const address = 'http://d604721fxaaqy9.cloudfront.net/horizon.jpg?large=yes&license=yes';
    const url = published.signUrl(address, new Date('2009-11-14T22:20:00Z'));
    expect(url).toBe(
      `${address}&Expires=1258237200&Key-Pair-Id=PK123456789754&Signature=` +
        'Nql641NHEUkUaXQHZINK1FZ~SYeUSoBJMxjdgqrzIdzV2gyEXPDNv0pYdWJkflDKJ3xIu7lbwRpSkG98NBlgPi4Z' +
        'JpRRnVX4kXAJK6tdNx6FucDB7OVqzcxkxHsGFd8VCG1BkC-Afh9~lOCMIYHIaiOB6~5jt9w2EOwi6sIIqrg_',
    );
  });

  // Its examples of custom policies are signed with their line breaks, which ours has none of.
  test('is the meaning of its two examples of custom policies', () => {
    const policyOf = (policy: CloudFrontPolicy) =>
      JSON.parse(fromSafe(parametersOf(signer.signUrlBy('http://x.example/a', policy)).Policy).toString());
    expect(
      policyOf({
        resource: 'http://d604721fxaaqy9.cloudfront.net/training/*',
        endsAt: new Date(1_258_237_200_000),
        ipRange: '145.168.143.0/24',
      }),
    ).toEqual({
      Statement: [
        {
          Resource: 'http://d604721fxaaqy9.cloudfront.net/training/*',
          Condition: {
            IpAddress: { 'AWS:SourceIp': '145.168.143.0/24' },
            DateLessThan: { 'AWS:EpochTime': 1_258_237_200 },
          },
        },
      ],
    });
    expect(
      policyOf({
        resource: 'http://*',
        beginsAt: new Date(1_241_073_790_000),
        endsAt: new Date(1_255_674_716_000),
        ipRange: '216.98.35.1',
      }),
    ).toEqual({
      Statement: [
        {
          Resource: 'http://*',
          Condition: {
            IpAddress: { 'AWS:SourceIp': '216.98.35.1/32' },
            DateGreaterThan: { 'AWS:EpochTime': 1_241_073_790 },
            DateLessThan: { 'AWS:EpochTime': 1_255_674_716 },
          },
        },
      ],
    });
  });
});

const seconds = fc.integer({ min: 1, max: 4_000_000_000 }).map((at) => new Date(at * 1000));
const octet = fc.integer({ min: 0, max: 255 });
const range = fc
  .tuple(octet, octet, octet, octet, fc.option(fc.integer({ min: 0, max: 32 })))
  .map(([a, b, c, d, mask]) => `${a}.${b}.${c}.${d}${mask === null ? '' : `/${mask}`}`);
// As encodeURIComponent writes them, whose characters the SDK's own encoding leaves alone.
const address = fc
  .tuple(
    fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { maxLength: 3 }),
    fc.option(fc.string({ unit: 'grapheme' })),
  )
  .map(([segments, value]) => {
    const encode = (text: string) => encodeURIComponent(text.toWellFormed()).replaceAll("'", '%27');
    const path = segments.map((segment) => encodeURIComponent(segment.toWellFormed())).join('/');
    return `https://d111111abcdef8.cloudfront.net/${path}${value === null ? '' : `?name=${encode(value)}`}`;
  });

describe('the SDK’s own signer makes the same', () => {
  test('of every address and end, byte for byte', () => {
    fc.assert(
      fc.property(address, seconds, (url, endsAt) => {
        const theirs = getSignedUrl({ url, dateLessThan: endsAt, keyPairId: KEY.keyId, privateKey });
        expect(signer.signUrl(url, endsAt)).toBe(theirs);
      }),
      { numRuns: 100 },
    );
  });

  test('of every address with a beginning or a range of visitors', () => {
    fc.assert(
      fc.property(address, seconds, fc.integer({ min: 1, max: 9 }), range, (url, endsAt, before, ipRange) => {
        const beginsAt = new Date(endsAt.getTime() - before * 1000);
        fc.pre(beginsAt.getTime() > 0);
        const theirs = getSignedUrl({
          url,
          dateLessThan: endsAt,
          dateGreaterThan: beginsAt,
          ipAddress: ipRange,
          keyPairId: KEY.keyId,
          privateKey,
        });
        expect(signer.signUrlBy(url, { resource: url, endsAt, beginsAt, ipRange })).toBe(theirs);
      }),
      { numRuns: 100 },
    );
  });

  test('of cookies for one address', () => {
    const url = 'https://d111111abcdef8.cloudfront.net/acme/film';
    expect(signer.signCookies({ resource: url, endsAt: ENDS_AT })).toEqual(
      stringsOf(getSignedCookies({ url, dateLessThan: ENDS_AT, keyPairId: KEY.keyId, privateKey })),
    );
  });

  test('of cookies for all that begins alike, by a policy of one’s own', () => {
    const policy = { resource: 'https://d111111abcdef8.cloudfront.net/acme/*', endsAt: ENDS_AT };
    const ours = signer.signCookies(policy);
    const text = fromSafe(ours['CloudFront-Policy']).toString();
    expect(JSON.parse(text).Statement[0].Resource).toBe(policy.resource);
    expect(ours).toEqual(
      stringsOf(getSignedCookies({ policy: text, keyPairId: KEY.keyId, privateKey } as never)),
    );
  });
});

function stringsOf(cookies: object) {
  return Object.fromEntries(Object.entries(cookies).map(([name, value]) => [name, String(value)]));
}

test('a signature is verified by the public key, over exactly the policy that CloudFront makes again', () => {
  const url = 'https://d111111abcdef8.cloudfront.net/a';
  const { Expires, Signature } = parametersOf(signer.signUrl(url, new Date(1_700_000_000_999)));
  expect(Expires).toBe('1700000000'); // never later than asked for
  const policy = `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":1700000000}}}]}`;
  expect(verify('RSA-SHA1', Buffer.from(policy), publicKey, fromSafe(Signature))).toBe(true);
});

describe('is refused', () => {
  const url = 'https://d111111abcdef8.cloudfront.net/a';
  test.each([
    ['an address that is not encoded', () => signer.signUrl(`${url} b`, ENDS_AT)],
    ['one with letters beyond ASCII', () => signer.signUrl(`${url}ü`, ENDS_AT)],
    ['one with a fragment', () => signer.signUrl(`${url}#t=5`, ENDS_AT)],
    ['one of another scheme', () => signer.signUrl('ftp://d1.cloudfront.net/a', ENDS_AT)],
    ['one without a host', () => signer.signUrl('https:///a', ENDS_AT)],
    ['one that is signed already', () => signer.signUrl(signer.signUrl(url, ENDS_AT), ENDS_AT)],
    ['an end that is no time', () => signer.signUrl(url, new Date(Number.NaN))],
    [
      'a policy that ends before it begins',
      () => signer.signUrlBy(url, { resource: url, endsAt: ENDS_AT, beginsAt: ENDS_AT }),
    ],
    [
      'a range of visitors that is none',
      () => signer.signUrlBy(url, { resource: url, endsAt: ENDS_AT, ipRange: '1.2.3.256' }),
    ],
    ['a key id with a line break', () => createCloudFrontSigner({ ...KEY, keyId: 'K2\r\nx' })],
    ['a key that is none', () => createCloudFrontSigner({ ...KEY, privateKey: 'secret-of-mine' })],
    [
      'a key of another kind',
      () => createCloudFrontSigner({ ...KEY, privateKey: generateKeyPairSync('ed25519').privateKey }),
    ],
  ])('%s', (_case, make) => {
    expect(make).toThrow(RangeError);
    expect(make).not.toThrow(/secret-of-mine/);
  });
});
