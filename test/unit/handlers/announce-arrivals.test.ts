import { readFileSync } from 'node:fs';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, describe, expect, test } from 'vitest';
import { createHandler } from '../../../src/handlers/announce-arrivals.ts';
import { createAnnounceArrivals } from '../../../src/lib/aws/announce.ts';
import { createPushSecrets } from '../../../src/lib/http/push-secrets.ts';
import { parseArrivals } from '../../../src/lib/intake/arrival.ts';
import { captureLog } from '../../fakes/log-lines.ts';

// The secret of the fixtures.
const SECRET = 'k'.repeat(64);
const KEY = '6f1d2c3b-4a59-4e68-9b7c-0d1e2f3a4b5c/0b6a3f6e-52d4-4c0a-9a39-7f1f0f6f2d10';

function read(variant: string): APIGatewayProxyEventV2 {
  return JSON.parse(readFileSync(`events/announce-arrivals.${variant}.json`, 'utf8'));
}

async function setup({ isOffered = true, bucket = 'incoming' } = {}) {
  const client = new SQSClient({ region: 'eu-west-1' });
  const sqs = mockClient(client);
  sqs.on(SendMessageCommand).resolves({});
  const secrets = createPushSecrets({ read: async () => [SECRET], now: () => 0, onFailure: () => {} });
  const handler = createHandler({
    secrets: isOffered ? secrets : undefined,
    incomingBucket: bucket,
    announce: createAnnounceArrivals(client, 'https://arrivals'),
  });
  const push = async (event: APIGatewayProxyEventV2) => {
    const answer: APIGatewayProxyStructuredResultV2 = await handler(event, {} as Context);
    return { status: answer.statusCode, body: JSON.parse(answer.body ?? '{}') };
  };
  const queued = () => sqs.commandCalls(SendMessageCommand).map(({ args: [{ input }] }) => input);
  return { push, queued };
}

beforeAll(() => {
  captureLog();
});

describe('a pushed notification', () => {
  test.each(['minio', 'versitygw', 'ceph-untyped', 'r2'])(
    'of %s is queued as one arrival',
    async (variant) => {
      const { push, queued } = await setup();
      expect(await push(read(variant))).toEqual({ status: 202, body: { announced: 1 } });
      const [message, ...more] = queued();
      expect(more).toEqual([]);
      expect(message?.QueueUrl).toBe('https://arrivals');
      expect(parseArrivals(message?.MessageBody ?? '')).toMatchObject([{ bucket: 'incoming', key: KEY }]);
    },
  );

  test('hands on the version that it names, and no other hint', async () => {
    const { push, queued } = await setup();
    await push(read('minio'));
    expect(parseArrivals(queued()[0]?.MessageBody ?? '')).toEqual([
      { bucket: 'incoming', key: KEY, versionId: '1b1f7a0e-5c3d-4e2f-8a9b-0c1d2e3f4a5b' },
    ]);
  });

  test.each(['a b', 'a+b', 'café/%2F', '😀', 'a%'])('hands on the key %j as it is', async (key) => {
    const { push, queued } = await setup();
    const event = read('r2');
    const body = JSON.stringify({ ...JSON.parse(event.body ?? ''), object: { key } });
    await push({ ...event, body });
    expect(parseArrivals(queued()[0]?.MessageBody ?? '')).toEqual([{ bucket: 'incoming', key }]);
  });

  test('of another bucket is taken and forgotten, as some stores tell of all that they have', async () => {
    const { push, queued } = await setup({ bucket: 'another' });
    expect(await push(read('minio'))).toEqual({ status: 202, body: { announced: 0 } });
    expect(queued()).toEqual([]);
  });

  test('that is a test event is taken, so that the store knows the address for good', async () => {
    const { push, queued } = await setup();
    expect(await push(read('test-event'))).toEqual({ status: 202, body: { announced: 0 } });
    expect(queued()).toEqual([]);
  });

  test.each([
    ['wrong-secret', 403, 'push_secret_wrong'],
    ['no-secret', 403, 'push_secret_wrong'],
    ['malformed', 422, 'notification_invalid'],
  ])('such as %s is refused with %i %s, and nothing is queued', async (variant, status, code) => {
    const { push, queued } = await setup();
    expect(await push(read(variant))).toMatchObject({ status, body: { code, retryable: false } });
    expect(queued()).toEqual([]);
  });

  test('is refused with what is wrong with it, and without its text', async () => {
    const { push } = await setup();
    const { body } = await push({ ...read('minio'), body: '{"Records": "hunter2"}' });
    expect(body.detail).toBe('The body is not an S3 notification: the records are not a list.');
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });

  test('without a body, or with one of more than 64 KB, is refused', async () => {
    const { push } = await setup();
    const { body, ...without } = read('minio');
    expect(await push(without)).toMatchObject({ status: 400, body: { code: 'body_missing' } });
    const padded = `${body}${' '.repeat(64 * 1024)}`;
    expect(await push({ ...without, body: padded })).toMatchObject({
      status: 413,
      body: { code: 'body_too_large' },
    });
  });

  test('whose key is no text of UTF-8 is refused, not a fault', async () => {
    const { push } = await setup();
    const event = read('r2');
    const body = JSON.stringify({ ...JSON.parse(event.body ?? ''), object: { key: '\ud800' } });
    expect(await push({ ...event, body })).toMatchObject({
      status: 422,
      body: { code: 'notification_invalid' },
    });
  });

  test('is refused before it is looked at where the deployment takes none', async () => {
    const { push } = await setup({ isOffered: false });
    for (const variant of ['minio', 'malformed', 'no-secret']) {
      expect(await push(read(variant))).toMatchObject({ status: 404, body: { code: 'push_not_offered' } });
    }
  });
});
