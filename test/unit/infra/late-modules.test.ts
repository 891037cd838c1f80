import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { bundleEntry, readFunctions } from '../../../bench/functions.ts';
import { ENVIRONMENT } from '../../../bench/start-up/environment.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { context, readEvent } from '../events/world.ts';

type Handler = (event: object, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

const require = createRequire(import.meta.url);

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** The bundle of a function, as it is deployed, before a DynamoDB and an S3 that say yes. */
async function setup(name: string) {
  captureLog();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(String(request.headers['x-amz-target'] ?? request.url?.replace(/^.*\?/, '')));
    response.end(
      request.headers['x-amz-target']
        ? '{}'
        : '<InitiateMultipartUploadResult><UploadId>u-1</UploadId></InitiateMultipartUploadResult>',
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  for (const [key, value] of Object.entries(ENVIRONMENT)) vi.stubEnv(key, value);
  vi.stubEnv('TENANT_CLAIM', 'sub');
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const entry = readFunctions().find((fn) => fn.name === name)?.entry ?? '';
  const { file } = await bundleEntry(name, entry);
  const { handler }: { handler: Handler } = require(file);
  const isLoaded = () => Object.keys(require.cache).some((path) => path.includes(`${name}.store-multipart`));
  return {
    asked,
    isLoaded,
    call: (variant: string) => handler(readEvent(`${name}.${variant}.json`), context),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

describe('what a function imports late', () => {
  test('is a bundle beside its own, which is loaded by the first call that needs it', async () => {
    await using bundled = await setup('request-upload');
    expect((await bundled.call('put')).statusCode).toBe(201);
    expect(bundled.isLoaded()).toBe(false);
    expect((await bundled.call('multipart')).statusCode).toBe(201);
    expect(bundled.isLoaded()).toBe(true);
    expect(bundled.asked.filter((what) => what.includes('uploads'))).toHaveLength(1);
  });

  test('is made for no function that does not import it', async () => {
    const { entry = '' } = readFunctions().find(({ name }) => name === 'uppy') ?? {};
    expect((await bundleEntry('uppy', entry)).late.size).toBe(0);
  });
});
