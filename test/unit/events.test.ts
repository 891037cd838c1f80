import { readdirSync, readFileSync } from 'node:fs';
import { flawOfName } from '@sluice/contract/filename';
import { Refusal } from '@sluice/contract/refusals';
import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { callerOf } from '../../src/lib/http/caller.ts';
import { parseIntent } from '../../src/lib/http/parse-intent.ts';
import { parseArrivals } from '../../src/lib/intake/arrival.ts';
import { MalformedNotification } from '../../src/lib/intake/faults.ts';
import { toMessages } from '../../src/lib/intake/messages.ts';
import { choosePolicy } from '../../src/lib/upload/choose-policy.ts';
import { isUploadId } from '../../src/lib/upload/key.ts';
import { policies } from '../../src/policies.ts';

const root = new URL('../../', import.meta.url);
function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}
const fixtures = readdirSync(new URL('events', root)).filter((name) => name.endsWith('.json'));
function readEvent(name: string) {
  return JSON.parse(read(`events/${name}`));
}
function of(handler: string): string[] {
  return fixtures.filter((name) => name.startsWith(`${handler}.`));
}

type Route = { method: string; path: string; authorizer?: object };
const functions: Record<string, { events: { httpApi?: Route }[] }> = parse(read('serverless.yml'), {
  logLevel: 'error',
}).functions;
function routesOf(handler: string): Map<string, Route> {
  return new Map(
    functions[handler]?.events.flatMap(({ httpApi }) =>
      httpApi ? [[`${httpApi.method} ${httpApi.path}`, httpApi] as const] : [],
    ),
  );
}

describe('event fixtures', () => {
  test('are each named after a function, and leave no function without one', () => {
    const named = new Set(fixtures.map((name) => name.split('.')[0]));
    expect([...named].toSorted()).toEqual(Object.keys(functions).toSorted());
  });

  test('cover every route, as API Gateway would route and authorise it', () => {
    for (const handler of Object.keys(functions)) {
      const routes = routesOf(handler);
      if (routes.size === 0) continue;
      const events = of(handler).map(readEvent);
      expect(new Set(events.map(({ routeKey }) => routeKey))).toEqual(new Set(routes.keys()));
      for (const { routeKey, requestContext } of events) {
        expect('authorizer' in requestContext).toBe(routes.get(routeKey)?.authorizer !== undefined);
      }
    }
  });
});

describe('verify-arrivals events', () => {
  const TAKEN =
    'sqs-s3-put sqs-s3-post sqs-s3-copy sqs-s3-complete-multipart sqs-sns-wrapped sqs-sns-raw sqs-eventbridge s3-direct eventbridge-direct ' +
    'sqs-minio-put sqs-ceph-put sqs-versitygw-put sqs-r2-put sqs-r2-copy sqs-r2-complete-multipart';
  const PASSED_OVER =
    'sqs-s3-removed sqs-s3-test-event sqs-sns-test-event sqs-eventbridge-deleted sqs-r2-deleted';
  const arrivalsIn = (variant: string) =>
    toMessages(readEvent(`verify-arrivals.${variant}.json`)).messages.flatMap(({ body }) =>
      parseArrivals(body),
    );

  test.each(TAKEN.split(' '))(
    '%s brings one arrival of the upload that the other fixtures read',
    (variant) => {
      const { id } = readEvent('read-upload.own.json').pathParameters;
      const [arrival, ...more] = arrivalsIn(variant);
      expect(more).toEqual([]);
      expect(arrival?.key.split('/')[1]).toBe(id);
      expect(isUploadId(id)).toBe(true);
    },
  );

  test.each(PASSED_OVER.split(' '))('%s brings none and is no fault', (variant) => {
    expect(arrivalsIn(variant)).toEqual([]);
  });

  test('sqs-s3-encoded-key brings its key decoded once', () => {
    expect(arrivalsIn('sqs-s3-encoded-key')[0]?.key).toBe('strangers/café a+b%2F.png');
  });

  test.each(of('verify-arrivals').filter((name) => name.includes('poison')))(
    '%s fails the poisoned messages alone',
    (name) => {
      const verdicts = toMessages(readEvent(name)).messages.map(({ body }) => {
        try {
          return parseArrivals(body).length;
        } catch (error) {
          return error instanceof MalformedNotification;
        }
      });
      expect(verdicts).toEqual(name.includes('among-good') ? [1, true, 1, true] : [true]);
    },
  );

  test('are told apart by source: SQS answers ids, the others have nobody to answer to', () => {
    for (const name of of('verify-arrivals')) {
      expect(toMessages(readEvent(name)).isQueued, name).toBe(!name.includes('direct'));
    }
  });
});

describe('request-upload events', () => {
  const request = (variant: string) => {
    const event: APIGatewayProxyEventV2WithJWTAuthorizer = readEvent(`request-upload.${variant}.json`);
    const caller = callerOf(event, 'sub');
    const intent = parseIntent(event);
    const flaw = flawOfName(intent.filename);
    if (flaw !== undefined) throw new Refusal(flaw.code);
    return { caller, intent, policy: choosePolicy(policies, intent)[0] };
  };

  test.each([
    ['put', 'put', 'images'],
    ['post', 'post', 'images'],
    ['base64-body', 'put', 'images'],
    ['everything', 'put', 'data'],
    ['multipart', 'multipart', 'media'],
  ])('%s asks for a %s under the policy %s', (variant, transport, policy) => {
    expect(request(variant)).toMatchObject({ policy, intent: { transport } });
  });

  test.each([
    ['type-not-allowed', 'type_not_allowed'],
    ['hostile-filename', 'filename_invalid'],
    ['unknown-field', 'field_unknown'],
    ['malformed-json', 'body_malformed'],
    ['no-subject', 'tenant_missing'],
  ])('%s is refused with %s', (variant, code) => {
    expect(() => request(variant)).toThrow(expect.objectContaining({ code }));
    expect(() => request(variant)).toThrow(Refusal);
  });
});
