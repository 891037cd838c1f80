import { GetObjectCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import type { CallRecord } from '@sluice/connection/clients/call-log';
import { createS3Client } from '@sluice/connection/clients/s3';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { expect, test } from 'vitest';
import { serve, type TestServer } from './servers/server.ts';

function setup(server: Pick<TestServer, 'url'>) {
  const lines: { message: string; fields: CallRecord }[] = [];
  const client = createS3Client(
    resolveSettings({
      code: {
        endpoint: server.url,
        region: 'eu-central-1',
        accessKeyId: 'AKIATEST',
        secretAccessKey: 'very-secret',
        sessionToken: 'very-token',
        maxAttempts: 2,
      },
    }),
    { logger: { debug: (message, fields) => lines.push({ message, fields }) } },
  );
  return { client, lines };
}

test('logs each call with its outcome, and whether its socket was warm', async () => {
  await using server = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': 0, 'x-amz-request-id': 'REQ1' }).end();
  });
  const { client, lines } = setup(server);
  await client.send(new HeadBucketCommand({ Bucket: 'photos' }));
  await client.send(new HeadBucketCommand({ Bucket: 'photos' }));
  const same = {
    operation: 'HeadBucket',
    bucket: 'photos',
    status: 200,
    attempts: 1,
    ms: expect.any(Number),
    requestId: 'REQ1',
    error: undefined,
  };
  expect(lines).toEqual([
    { message: 'aws call', fields: { ...same, socketReused: false } },
    { message: 'aws call', fields: { ...same, socketReused: true } },
  ]);
});

test('logs a failed call once, attempts included, by the code of its class', async () => {
  await using server = await serve((_request, response) => {
    response.writeHead(503, { 'x-amz-request-id': 'REQ2' }).end('<Error><Code>SlowDown</Code></Error>');
  });
  const { client, lines } = setup(server);
  const call = client.send(new GetObjectCommand({ Bucket: 'photos', Key: 'private/name.jpg' }));
  await expect(call).rejects.toThrow();
  expect(lines.map(({ fields }) => fields)).toMatchObject([
    { operation: 'GetObject', status: 503, attempts: 2, requestId: 'REQ2', error: 'throttled' },
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/very-secret|very-token|AKIATEST|private|Signature/);
});

test('logs a call that reached nobody', async () => {
  const { client, lines } = setup({ url: 'http://127.0.0.1:1' });
  await expect(client.send(new HeadBucketCommand({ Bucket: 'photos' }))).rejects.toThrow();
  expect(lines.map(({ fields }) => fields)).toMatchObject([
    { status: undefined, attempts: 2, socketReused: undefined, error: 'endpoint-unreachable' },
  ]);
});
