import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { ADVICE, adviceFor } from '@sluice/connection/advice';
import { describeBucket } from '@sluice/connection/buckets/describe';
import { decideBucket } from '@sluice/connection/doctor/bucket';
import { expect, test } from 'vitest';
import { setup } from './servers/client.ts';
import { serve } from './servers/server.ts';

const html = { 'content-type': 'text/html; charset=utf-8' };
function xml(code: string) {
  return `<Error><Code>${code}</Code></Error>`;
}
const page = '<html><head><title>Not Found</title></head><body>No<br>such page</body></html>';
const region = { 'x-amz-bucket-region': 'eu-west-3' };
const own = { 'x-amz-bucket-region': 'eu-central-1' };

type Expected = {
  readonly name: string;
  readonly retryable?: boolean;
  readonly message?: RegExp;
  readonly advice?: RegExp;
};

/** What a server answers, to a HEAD without its body, and what a person is told. */
const answers: readonly (readonly [
  what: string,
  method: 'GET' | 'HEAD',
  status: number,
  headers: Record<string, string>,
  body: string,
  expected: Expected,
])[] = [
  [
    'what a store does not have',
    'GET',
    501,
    {},
    xml('NotImplemented'),
    {
      name: 'ServiceError',
      retryable: false,
      message: /^answered 501 NotImplemented/,
      advice: /another store/,
    },
  ],
  [
    'the same in few words',
    'HEAD',
    501,
    {},
    '',
    { name: 'ServiceError', retryable: false, advice: /another store/ },
  ],
  [
    'another failure of the server',
    'HEAD',
    503,
    {},
    '',
    { name: 'ServiceUnavailableError', retryable: true },
  ],
  [
    'an unknown failure of the server',
    'HEAD',
    509,
    {},
    '',
    { name: 'ServiceUnavailableError', retryable: true },
  ],
  [
    'another region with a 400',
    'HEAD',
    400,
    region,
    '',
    {
      name: 'WrongRegionError',
      message: /is in eu-west-3, and was looked for in eu-central-1/,
      advice: /region that the bucket is in/,
    },
  ],
  ['another region with a 403', 'HEAD', 403, region, '', { name: 'WrongRegionError', message: /eu-west-3/ }],
  ['another region with a 307', 'GET', 307, region, '', { name: 'WrongRegionError', message: /eu-west-3/ }],
  ['a refusal in another region', 'GET', 403, region, xml('AccessDenied'), { name: 'AccessDeniedError' }],
  [
    'the own region with a 400',
    'HEAD',
    400,
    own,
    '',
    { name: 'ServiceError', message: /answered 400 and no more/ },
  ],
  ['the own region with a 403', 'HEAD', 403, own, '', { name: 'AccessDeniedError' }],
  ["Ceph's region", 'HEAD', 400, { 'x-amz-bucket-region': 'default' }, '', { name: 'ServiceError' }],
  [
    'bytes that were damaged',
    'GET',
    400,
    {},
    xml('BadDigest'),
    { name: 'ChecksumMismatchError', retryable: true, message: /^answered 400 BadDigest/, advice: /damaged/ },
  ],
  [
    'a body that was damaged',
    'GET',
    400,
    {},
    xml('XAmzContentSHA256Mismatch'),
    { name: 'ChecksumMismatchError', retryable: true },
  ],
  [
    'a code without a message',
    'GET',
    400,
    {},
    xml('EntityTooLarge'),
    { name: 'ServiceError', message: /^answered 400 EntityTooLarge/ },
  ],
  [
    'a missing object without a message',
    'GET',
    404,
    {},
    xml('NoSuchKey'),
    { name: 'NotFoundError', message: /^answered 404 NoSuchKey/ },
  ],
  [
    'a page',
    'GET',
    404,
    html,
    page,
    { name: 'ServiceError', retryable: false, message: /^answered 404 with a page/, advice: /no S3/ },
  ],
  [
    'a page that is no XML',
    'GET',
    403,
    html,
    'nope',
    { name: 'ServiceError', message: /with a page/, advice: /no S3/ },
  ],
  [
    'a page that is not sent',
    'HEAD',
    404,
    html,
    '',
    { name: 'ServiceError', message: /with a page/, advice: /no S3/ },
  ],
  ["a store's own page", 'HEAD', 404, { ...html, 'x-amz-request-id': 'R' }, '', { name: 'NotFoundError' }],
  ['a page of a gateway', 'GET', 502, html, page, { name: 'ServiceUnavailableError', retryable: true }],
];

test.each(answers)('%s (%s, %i) is told as what it is', async (...row) => {
  const [, method, status, headers, body, { advice, message, ...expected }] = row;
  await using server = await serve((_request, response) => response.writeHead(status, headers).end(body));
  const { client, failed } = setup(server.url);
  const object = { Bucket: 'bucket', Key: 'key' };
  const { error } = await failed(
    method === 'GET' ? client.send(new GetObjectCommand(object)) : client.send(new HeadObjectCommand(object)),
  );
  expect(error).toMatchObject(expected);
  if (message) expect(error?.message).toMatch(message);
  if (error === undefined) return expect.fail('it was no failure');
  expect(error.retryable).toBe(expected.retryable ?? false);
  if (advice) expect(adviceFor(error)).toMatch(advice);
  else expect(adviceFor(error)).toBe(ADVICE[error.code]);
});

test("Ceph's region is no reason to warn", async () => {
  await using server = await serve((request, response) => {
    const isLocation = request.url?.includes('location');
    const location =
      '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">default</LocationConstraint>';
    response.writeHead(isLocation ? 200 : 501).end(isLocation ? location : xml('NotImplemented'));
  });
  const description = await describeBucket(setup(server.url).client, 'bucket');
  expect(description.region).toBeUndefined();
  const [finding] = decideBucket(description, { bucket: 'bucket', region: 'us-east-1', protocol: 'http:' });
  expect(finding).toMatchObject({ check: 'region', verdict: 'ok' });
});

test.each(['sha512', 'xxhash3', 'xxhash64', 'xxhash128'])(
  'a checksum by %s, which the SDK cannot compute, is refused by name, with the way round it',
  async (algorithm) => {
    await using server = await serve((_request, response) =>
      response.writeHead(200, { [`x-amz-checksum-${algorithm}`]: 'AAAA' }).end('abc'),
    );
    const { client, failed } = setup(server.url);
    const { error } = await failed(client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'key' })));
    expect(error).toMatchObject({ name: 'ServiceError', retryable: false });
    expect(error?.message).toContain(algorithm.toUpperCase());
    expect(error && adviceFor(error)).toContain('downloadFile or downloadStream');
  },
);
