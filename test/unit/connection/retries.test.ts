// What the SDK does when a call is to be tried again, and what this layer adds. The page's numbers are held
// here.
import { readFileSync } from 'node:fs';
import type { OutgoingHttpHeaders } from 'node:http';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { classify } from '@sluice/connection/classify';
import { createDynamoDBClient } from '@sluice/connection/clients/dynamodb';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { downloadStream } from '@sluice/connection/transfers/download';
import { uploadBytes } from '@sluice/connection/transfers/upload';
import { INITIAL_RETRY_TOKENS, MAXIMUM_RETRY_DELAY, Retry } from '@smithy/core/retry';
import { describe, expect, test } from 'vitest';
import { setup as setupClient } from './servers/client.ts';
import { serve } from './servers/server.ts';

/** A server that refuses the first calls, with these fields, and answers the others. */
async function setup(refused: number, headers: OutgoingHttpHeaders = {}, status = 503) {
  let asked = 0;
  const server = await serve((request, response) => {
    request.resume().on('end', () => {
      asked += 1;
      if (asked <= refused) return response.writeHead(status, headers).end();
      return response.setHeader('etag', '"e"').end(request.method === 'POST' ? '{"TableNames":[]}' : '');
    });
  });
  return {
    ...setupClient(server.url, { maxAttempts: 3 }),
    url: server.url,
    asked: () => asked,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const put = new PutObjectCommand({ Bucket: 'bucket', Key: 'key', Body: 'bytes' });

describe('a retry', () => {
  test.each([
    [{ 'x-amz-retry-after': '700' }, 700],
    [{ 'retry-after': '1' }, 1000],
  ])('comes no sooner than the answer asked for: %j', async (headers, ms) => {
    await using server = await setup(1, headers);
    const { $metadata } = await server.client.send(put);
    expect($metadata.attempts).toBe(2);
    // A hint is turned into a moment first, and read off the clock again.
    expect($metadata.totalRetryDelay).toBeGreaterThanOrEqual(ms - 20);
    expect($metadata.totalRetryDelay).toBeLessThanOrEqual(ms + 50);
  });

  test('comes as soon as ever when the answer asks for nothing that can be read', async () => {
    await using server = await setup(1, { 'x-amz-retry-after': 'soon' });
    const { $metadata } = await server.client.send(put);
    expect($metadata.totalRetryDelay).toBeLessThanOrEqual(50);
  });

  test("follows the rules that the page tells, which are the SDK's only ones", () => {
    const page = readFileSync(new URL('../../../docs/connection.md', import.meta.url), 'utf8');
    expect(Retry.v2026).toBe(true);
    expect(page).toContain(
      `| longest pause before the first retry | 25 ms | ${Retry.delay()} ms | ${Retry.throttlingDelay()} ms |`,
    );
    expect(page).toContain(
      `of the client's ${INITIAL_RETRY_TOKENS} tokens | ${Retry.cost()} | ${Retry.cost()} | ${Retry.throttlingCost()} |`,
    );
    expect(page).toContain(`and ${MAXIMUM_RETRY_DELAY / 1000} s at most`);
  });

  test.each([
    [{}, 4],
    [{ maxAttempts: 2 }, 2],
  ])(
    'of DynamoDB is tried as often as the SDK does by itself, unless it is said: %j',
    async (code, attempts) => {
      await using server = await setup(10);
      const client = createDynamoDBClient(
        resolveSettings({
          code: {
            region: 'eu-central-1',
            accessKeyId: 'AKIATEST',
            secretAccessKey: 's',
            endpoint: server.url,
            ...code,
          },
        }),
      );
      await expect(client.send(new ListTablesCommand({}))).rejects.toThrow();
      expect(server.asked()).toBe(attempts);
    },
  );
});

describe('what an answer asks for', () => {
  test.each([
    [{ 'x-amz-retry-after': '1500' }, 1500],
    [{ 'x-amz-retry-after': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after': '2' }, 2000],
    [{ 'x-amz-retry-after': '-5' }, undefined],
    [{ 'retry-after': 'later' }, undefined],
    [{}, undefined],
  ])('is in the error after the last attempt: %j', async (headers, ms) => {
    await using server = await setup(10, headers);
    const { client } = setupClient(server.url, { maxAttempts: 1 });
    const error = await client.send(put).catch(classify);
    expect(error).toMatchObject({ name: 'ServiceUnavailableError', retryAfterMs: ms });
    const upload = uploadBytes({ client, bucket: 'bucket', key: 'key', bytes: Buffer.from('x') });
    await expect(upload).rejects.toMatchObject({ name: 'UploadFailedError', retryAfterMs: ms });
  });

  test('may be a date', async () => {
    await using server = await setup(10, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() });
    const { client } = setupClient(server.url, { maxAttempts: 1 });
    const { retryAfterMs = 0 } = classify(await client.send(put).catch((error: unknown) => error));
    expect(retryAfterMs).toBeGreaterThan(3_500_000);
    expect(retryAfterMs).toBeLessThanOrEqual(3_600_000);
  });

  test('is waited for before the rest of a range is asked for', async () => {
    const asked: number[] = [];
    await using server = await serve((request, response) => {
      const head = { etag: '"e"', 'content-length': 10 };
      if (request.method === 'HEAD') return response.writeHead(200, head).end();
      asked.push(performance.now());
      if (asked.length === 1) return response.writeHead(503, { 'x-amz-retry-after': '900' }).end();
      return response.writeHead(200, head).end('0123456789');
    });
    const { client } = setupClient(server.url, { maxAttempts: 1 });
    const { body } = await downloadStream({ client, bucket: 'bucket', key: 'key' });
    for await (const _bytes of body);
    // The pause of its own would be 200 ms at most.
    const [first = 0, second = 0] = asked;
    expect(second - first).toBeGreaterThan(800);
  });
});
