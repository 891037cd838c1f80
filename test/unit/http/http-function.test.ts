import { readFileSync } from 'node:fs';
import { REFUSALS, Refusal, type RefusalCode } from '@sluice/contract/refusals';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { toContext } from '../../../src/lib/caller/context.ts';
import { httpFunction, openFunction } from '../../../src/lib/http/http-function.ts';
import { logger } from '../../../src/lib/log/logger.ts';
import { captureLog } from '../../fakes/log-lines.ts';

afterEach(() => vi.restoreAllMocks());

function setup(respond: () => Promise<APIGatewayProxyStructuredResultV2>) {
  const lines = captureLog();
  const event = JSON.parse(readFileSync('events/read-upload.own.json', 'utf8'));
  const context = { awsRequestId: 'a-1', functionName: 'f' } as Context;
  const call = async () => {
    const response = await httpFunction({ user: true }).handler(respond)(event, context);
    return { ...response, problem: JSON.parse(response.body ?? 'null') as Record<string, unknown> | null };
  };
  return { call, lines, requestId: event.requestContext.requestId };
}

describe('an HTTP function', () => {
  test('gives every log line the id of the request that API Gateway knows', async () => {
    const { call, lines, requestId } = setup(async () => {
      logger.info('working');
      return { statusCode: 204 };
    });
    await call();
    expect(lines).toEqual([expect.objectContaining({ message: 'working', correlation_id: requestId })]);
  });

  test.each([
    ['GET /uploads/{id}', 'u-1'],
    ['GET /grants/{id}', undefined],
  ])('names the upload in the line of a fault on %s: %s', async (routeKey, uploadId) => {
    const lines = captureLog();
    const event = JSON.parse(readFileSync('events/read-upload.own.json', 'utf8'));
    const fn = httpFunction({ user: true }).handler(async () => Promise.reject(new Error('oh')));
    await fn({ ...event, routeKey, pathParameters: { id: 'u-1' } }, {} as Context);
    expect(lines).toMatchObject([{ message: 'request failed' }]);
    expect(lines[0]?.uploadId).toBe(uploadId);
  });

  test('says in every log line which service or grant calls, and of users only that it is one', async () => {
    const lines = captureLog();
    const { requestContext, ...event } = JSON.parse(readFileSync('events/read-upload.own.json', 'utf8'));
    const taken = httpFunction({ user: true, grant: 'by-token', service: 'any' });
    const fn = taken.handler(async () => {
      logger.info('working');
      return { statusCode: 204 };
    });
    const owner = { tenant: 'acme', subject: 'ada' };
    for (const caller of [
      { kind: 'service', client: 'billing', scopes: ['tenants'] },
      { kind: 'grant', ...owner, grantId: 'g-1' },
      { kind: 'user', ...owner },
    ] as const) {
      const authorizer = { lambda: toContext({ caller, expiresAt: Number.MAX_SAFE_INTEGER }) };
      await fn({ ...event, requestContext: { ...requestContext, authorizer } }, {} as Context);
    }
    expect(lines).toEqual([
      expect.objectContaining({ caller: 'service', client: 'billing' }),
      expect.objectContaining({ caller: 'grant', grantId: 'g-1' }),
      expect.objectContaining({ caller: 'user' }),
    ]);
    expect(lines[1]).not.toHaveProperty('client');
    expect(lines[2]).not.toHaveProperty('grantId');
    expect(JSON.stringify(lines)).not.toMatch(/ada|acme/);
  });

  test.each(Object.keys(REFUSALS) as RefusalCode[])('answers the refusal %s as its problem', async (code) => {
    const { call, requestId } = setup(async () => {
      throw new Refusal(code, { field: 'size', detail: 'This size.' });
    });
    const [status, retryable, title] = REFUSALS[code];
    const { statusCode, headers, problem } = await call();
    expect(statusCode).toBe(status);
    expect(headers?.['content-type']).toBe('application/problem+json');
    expect(problem).toEqual({
      type: `urn:sluice:problem:${code}`,
      code,
      status,
      retryable,
      title,
      detail: 'This size.',
      field: 'size',
      requestId,
    });
  });

  test.each([
    ['an answer', async () => ({ statusCode: 302, headers: { location: 'https://s3.example.com/x' } })],
    ['an answer without headers', async () => ({ statusCode: 204 })],
    [
      'an answer that says otherwise',
      async () => ({ statusCode: 200, headers: { 'x-content-type-options': 'no' } }),
    ],
    ['a refusal', async () => Promise.reject(new Refusal('upload_not_found'))],
    ['a fault', async () => Promise.reject(new Error('oh'))],
  ])('tells a browser with %s to stay with HTTPS and with the type', async (_kind, respond) => {
    expect((await setup(respond).call()).headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
    });
  });

  test('says how to prove who one is where a token is not good, and nowhere else', async () => {
    const answer = async (code: RefusalCode) =>
      (await setup(() => Promise.reject(new Refusal(code))).call()).headers?.['www-authenticate'];
    expect(await answer('token_expired')).toBe('Bearer error="invalid_token"');
    expect(await answer('scope_missing')).toBeUndefined();
  });

  test('runs nothing for a caller that it does not take, and one for anybody does', async () => {
    captureLog();
    const { requestContext, ...event } = JSON.parse(readFileSync('events/read-upload.own.json', 'utf8'));
    const { authorizer: _none, ...unauthorized } = requestContext;
    const context = { awsRequestId: 'a-1', functionName: 'f' } as Context;
    const respond = vi.fn(async () => ({ statusCode: 204 }));
    for (const given of [
      { ...event, requestContext: unauthorized },
      { ...event, requestContext },
    ]) {
      const closed = httpFunction({ service: 'events' }).use({ before: () => void respond() });
      expect(await closed.handler(respond)(given, context)).toMatchObject({
        statusCode: given.requestContext === requestContext ? 403 : 401,
      });
    }
    expect(respond).not.toHaveBeenCalled();
    const open = openFunction().handler(respond);
    expect(await open({ ...event, requestContext: unauthorized }, context)).toMatchObject({
      statusCode: 204,
    });
  });

  test('says when to come again where a refusal knows', async () => {
    const { call } = setup(async () => {
      throw new Refusal('not_verified_yet', { retryAfterSeconds: 3 });
    });
    expect((await call()).headers?.['retry-after']).toBe('3');
  });

  test('answers a passing failure of AWS with 503, to be tried again', async () => {
    const { call } = setup(async () => {
      throw Object.assign(new Error('slow down'), { name: 'SlowDown', $metadata: { httpStatusCode: 503 } });
    });
    expect(await call()).toMatchObject({ statusCode: 503, problem: { code: 'too_busy', retryable: true } });
  });

  // One key takes a thousand write units a second, and a row that a transaction has no other write.
  test.each([
    'ProvisionedThroughputExceededException',
    'ThrottlingException',
    'RequestLimitExceeded',
    'TransactionConflictException',
    'TransactionInProgressException',
  ])('answers %s of DynamoDB with 503 and when to come again, and never with 500', async (name) => {
    const { call } = setup(async () => {
      throw Object.assign(new Error('too much'), { name, $metadata: { httpStatusCode: 400 } });
    });
    const answer = await call();
    expect(answer).toMatchObject({ statusCode: 503, problem: { code: 'too_busy', retryable: true } });
    expect(answer.headers?.['retry-after']).toBe('1');
  });

  test('tells the caller nothing of a fault but where to look it up, and logs it once', async () => {
    const { call, lines, requestId } = setup(async () => {
      throw new Error('bucket my-secret-bucket: X-Amz-Signature=0123abcd');
    });
    const { statusCode, body } = await call();
    expect(statusCode).toBe(500);
    expect(body).toContain(requestId);
    expect(body).not.toMatch(/secret|0123abcd/);
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).toContain('my-secret-bucket');
    expect(JSON.stringify(lines)).not.toContain('0123abcd');
  });
});
