import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { logger } from '../../../src/lib/log/logger.ts';
import { captureLog } from '../../fakes/log-lines.ts';

afterEach(() => vi.restoreAllMocks());

const CONTEXT = {
  functionName: 'sluice-dev-uppy',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:1:function:sluice-dev-uppy',
  memoryLimitInMB: '512',
  awsRequestId: 'r-1',
} as Context;

describe('a log line', () => {
  test('says which invocation it is of, and nothing of the one before', async () => {
    const lines = captureLog();
    const run = middy<{ requestContext?: { requestId: string } }, void>()
      .use(injectLambdaContext(logger, { resetKeys: true, correlationIdPath: 'requestContext.requestId' }))
      .handler(async () => logger.info('done', { uploadId: 'u-1' }));
    await run({ requestContext: { requestId: 'c-1' } }, CONTEXT);
    await run({}, { ...CONTEXT, awsRequestId: 'r-2' });
    const [one, two] = lines;
    expect(one).toMatchObject({
      level: 'INFO',
      message: 'done',
      service: expect.any(String),
      function_name: 'sluice-dev-uppy',
      function_request_id: 'r-1',
      correlation_id: 'c-1',
      uploadId: 'u-1',
    });
    expect(two).toMatchObject({ function_request_id: 'r-2' });
    expect(two).not.toHaveProperty('correlation_id');
  });

  test('is of the request that it names itself', () => {
    const lines = captureLog();
    logger.info('upload accepted', { correlation_id: 'of-the-upload' });
    expect(lines[0]).toMatchObject({ correlation_id: 'of-the-upload' });
  });

  test('shows an error by its name, message and cause', () => {
    const lines = captureLog();
    logger.error('failed', { error: new TypeError('what', { cause: new Error('why') }) });
    expect(lines[0]?.error).toMatchObject({
      name: 'TypeError',
      message: 'what',
      cause: { name: 'Error', message: 'why' },
    });
  });

  // The redaction copied every object, so that Powertools did not know one again, and the stack ran over.
  test('survives a value that refers to itself', () => {
    const lines = captureLog();
    const loop: { self?: unknown; token: string } = { token: 's3cret' };
    loop.self = loop;
    logger.info('odd', { value: loop });
    expect(lines[0]).toMatchObject({ message: 'odd', value: { token: '[redacted]' } });
  });

  test('writes a number that JSON has not', () => {
    const lines = captureLog();
    logger.info('large', { size: 2n ** 60n, deep: { size: 1n } });
    expect(lines[0]).toMatchObject({ size: '1152921504606846976', deep: { size: '1' } });
  });
});

describe('what is secret', () => {
  test.each<[string, string, Record<string, unknown>]>([
    ['a message', 'see https://b/k?X-Amz-Signature=s3cret&a=b', {}],
    ['a field', 'm', { url: 'https://b/k?X-Amz-Signature=s3cret&a=b' }],
    ['a field named so', 'm', { token: 's3cret' }],
    ['a field named so in other letters', 'm', { Authorization: 's3cret' }],
    ['a value deep down', 'm', { a: [{ b: { password: 's3cret' } }] }],
    ['an error', 'm', { error: new Error('Bearer s3cret') }],
    ['a cause', 'm', { error: new Error('e', { cause: new Error('slu1.a.b.s3cret') }) }],
  ])('is taken out of %s', (_where, message, fields) => {
    const lines = captureLog();
    logger.info(message, fields);
    const line = JSON.stringify(lines[0]);
    expect(line).toContain('[redacted]');
    expect(line).not.toContain('s3cret');
  });
});
