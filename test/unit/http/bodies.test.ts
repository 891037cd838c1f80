// Every body that a route takes, with anything in the place of any of its values.

import { Refusal } from '@sluice/contract/refusals';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIds, parseRequests } from '../../../src/lib/http/parse-batch.ts';
import { parseComplete } from '../../../src/lib/http/parse-complete.ts';
import { parseIntent, parseIntentOf } from '../../../src/lib/http/parse-intent.ts';
import { readJson } from '../../../src/lib/http/parse-json.ts';
import { parseParts } from '../../../src/lib/http/parse-parts.ts';
import { parseUppyCall } from '../../../src/lib/uppy/parse-call.ts';
import { parseSessionWish } from '../../../src/lib/uppy/parse-wish.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const CRC32 = { algorithm: 'crc32', value: 'AAAAAA==' };

function uppy(proxy: string, query = '') {
  return (event: object) =>
    parseUppyCall({
      ...event,
      pathParameters: { proxy },
      rawQueryString: query,
      requestContext: { http: { method: 'POST' } },
    } as unknown as APIGatewayProxyEventV2);
}

type Body = Pick<APIGatewayProxyEventV2, 'body' | 'headers' | 'isBase64Encoded'>;

const ROUTES: readonly (readonly [string, (event: Body) => unknown, Json])[] = [
  [
    'POST /uploads',
    parseIntent,
    {
      filename: 'a.csv',
      contentType: 'text/csv',
      size: 3,
      checksum: CRC32,
      policy: 'data',
      metadata: { album: 'spring' },
      transport: 'put',
    },
  ],
  [
    'POST /uploads/batch',
    parseRequests,
    { uploads: [{ filename: 'a.csv', contentType: 'text/csv', size: 3 }] },
  ],
  [
    'an entry of POST /uploads/batch',
    ({ body }) => parseIntentOf(readJson(Buffer.from(body ?? ''))),
    { filename: 'a.csv', contentType: 'text/csv', size: 3, metadata: { album: 'spring' } },
  ],
  ['POST /uploads/batch/delete', parseIds, { ids: ['a', 'b'] }],
  [
    'POST /uploads/{id}/parts',
    parseParts,
    { format: 'urls', parts: [{ partNumber: 1, checksum: CRC32 }, { partNumber: 2 }] },
  ],
  ['POST /uploads/{id}/complete', parseComplete, { parts: [{ partNumber: 1, etag: '"e"' }] }],
  [
    'POST /uppy-sessions',
    parseSessionWish,
    { policy: 'data', maxBytes: 10, types: ['text/csv'], expiresInSeconds: 60 },
  ],
  [
    'POST /s3/multipart',
    uppy('multipart'),
    { filename: 'a.csv', type: 'text/csv', metadata: { album: 'spring', tags: ['a'] } },
  ],
  [
    'POST /s3/multipart/{uploadId}/complete',
    uppy('multipart/u/complete', 'key=k'),
    { parts: [{ PartNumber: 1, ETag: 'e' }] },
  ],
];

function eventOf(body: string): Body {
  return {
    body,
    headers: { 'content-type': 'application/json' },
    isBase64Encoded: false,
  };
}

/** Every place in a value, by its path. */
function placesIn(value: Json, path: readonly string[] = []): (readonly string[])[] {
  return [
    path,
    ...(typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, child]) => placesIn(child, [...path, key]))
      : []),
  ];
}

function replaced(value: Json, [key, ...rest]: readonly string[], by: Json): Json {
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string, Json>;
  copy[key] = replaced(copy[key] ?? null, rest, by);
  return copy;
}

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }) as fc.Arbitrary<Json>,
  fc.string({ minLength: 250, maxLength: 400 }),
  fc.constantFrom<Json>('\ud800', '', ' ', -0, -1, 1.5, 1e300, 2 ** 53, '__proto__', [[]], {}),
  fc.string({ unit: 'binary' }),
);

describe.each(ROUTES)('the body of %s', (_route, parse, good) => {
  test('is taken as it stands here', () => {
    expect(parse(eventOf(JSON.stringify(good)))).toBeDefined();
  });

  // An ETag of 300 characters was told to be malformed JSON: one rule of a schema had no code.
  test('is taken, or refused in words about a field, whatever stands in the place of one of its values', () => {
    const places = placesIn(good);
    fc.assert(
      fc.property(fc.constantFrom(...places), anything, (path, value) => {
        try {
          parse(eventOf(JSON.stringify(replaced(good, path, value))));
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          expect(error.status).toBeLessThan(500);
          // Only what is no object as a whole has no field to name.
          const isWhole = path.length === 0 || error.code !== 'body_malformed';
          expect([path, error.code, isWhole]).toEqual([path, error.code, true]);
          if (path.length > 0) expect(error.extras.field, error.code).toBeDefined();
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('is taken or refused, and no fault, whatever text it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        try {
          parse(eventOf(text));
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
    );
  });
});
