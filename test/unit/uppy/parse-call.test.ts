import { readFileSync } from 'node:fs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { parseUppyCall } from '../../../src/lib/uppy/parse-call.ts';

const KEY = '6f1d2c3b-4a59-4e68-9b7c-0d1e2f3a4b5c/0b6a3f6e-52d4-4c0a-9a39-7f1f0f6f2d10';
const UPLOAD_ID = 'VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA';
const NAMED = { key: KEY, uploadId: UPLOAD_ID };

function read(name: string): APIGatewayProxyEventV2 {
  return JSON.parse(readFileSync(new URL(`../../../events/uppy.${name}.json`, import.meta.url), 'utf8'));
}

/** A call as either major would make it, by its path below the session. */
function setup(method: string, proxy: string, query = '', body?: unknown) {
  const event = read('params');
  const { http } = event.requestContext;
  return () =>
    parseUppyCall({
      ...event,
      headers: { 'content-type': 'application/json' },
      rawQueryString: query,
      requestContext: { ...event.requestContext, http: { ...http, method } },
      pathParameters: { token: 't', proxy },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
}

function refused(code: string) {
  return expect.objectContaining({ code });
}
const key = `key=${encodeURIComponent(KEY)}`;

function sizeSetup() {
  return {
    parse: (kind: 'params' | 'create', size: unknown) => {
      const inBody = kind === 'create';
      const body = JSON.stringify({
        filename: 'a.csv',
        type: 'text/csv',
        metadata: { album: 'spring', size },
      });
      const query = new URLSearchParams({
        filename: 'a.csv',
        type: 'text/csv',
        'metadata[album]': 'spring',
        'metadata[size]': String(size),
      });
      const call = parseUppyCall({
        pathParameters: { proxy: inBody ? 'multipart' : 'params' },
        requestContext: { http: { method: inBody ? 'POST' : 'GET' } },
        rawQueryString: inBody ? '' : query.toString(),
        headers: { 'content-type': 'application/json' },
        isBase64Encoded: false,
        ...(inBody && { body }),
      } as unknown as APIGatewayProxyEventV2);
      if (call.kind !== 'params' && call.kind !== 'create') throw new Error(call.kind);
      return call.declaration;
    },
  };
}

describe('the events of Uppy', () => {
  test.each([
    [
      'params',
      {
        kind: 'params',
        declaration: {
          filename: 'holiday photo.jpg',
          contentType: 'image/jpeg',
          metadata: { album: 'summer' },
        },
      },
    ],
    [
      'params-double-slash',
      { kind: 'params', declaration: { filename: 'report.csv', contentType: 'text/csv', metadata: {} } },
    ],
    [
      'create',
      { kind: 'create', declaration: { filename: 'film.mp4', contentType: 'video/mp4', metadata: {} } },
    ],
    [
      'complete',
      {
        kind: 'complete',
        named: NAMED,
        parts: [
          { partNumber: 1, etag: '"9bb58f26192e4ba00f01e2e7b136bbd8"' },
          { partNumber: 2, etag: '"d41d8cd98f00b204e9800998ecf8427e"' },
        ],
      },
    ],
    ['abort', { kind: 'abort', named: NAMED }],
    ['bearer-sign', { kind: 'sign', named: NAMED, partNumber: 17 }],
    ['bearer-batch', { kind: 'batch', named: NAMED, partNumbers: [1, 2, 3] }],
    [
      'bearer-complete-xml',
      {
        kind: 'complete',
        named: NAMED,
        parts: [{ partNumber: 1, etag: '"9bb58f26192e4ba00f01e2e7b136bbd8"' }],
      },
    ],
    ['bearer-abort', { kind: 'abort', named: NAMED }],
  ])('%s is understood', (name, call) => {
    expect(parseUppyCall(read(name))).toEqual(call);
  });

  test.each([
    ['remote-provider', 'remote_files_unsupported'],
    ['bearer-sts', 'credentials_not_offered'],
  ])('%s is refused as %s', (name, code) => {
    expect(() => parseUppyCall(read(name))).toThrow(refused(code));
  });
});

describe('a call of Uppy', () => {
  test.each([
    ['GET', 's3/multipart', key],
    ['PUT', 's3/params', 'filename=a'],
    ['GET', 's3/multipart/u/complete/more', key],
    ['DELETE', 's3/multipart/u/1', key],
    ['GET', 's3', ''],
  ])('%s %s leads nowhere', (method, path, query) => {
    expect(setup(method, path, query)).toThrow(refused('route_not_found'));
  });

  test.each([
    ['without a file name', 'GET', 's3/params', 'type=image/png', 'field_missing'],
    ['with an empty file name', 'GET', 's3/params', 'filename=', 'field_missing'],
    ['without a key', 'GET', 's3/multipart/u/1', '', 'field_missing'],
    ['for part 0', 'GET', 's3/multipart/u/0', key, 'part_numbers_invalid'],
    ['for part 10,001', 'GET', 's3/multipart/u/10001', key, 'part_numbers_invalid'],
    ['for part 1e3', 'GET', 's3/multipart/u/1e3', key, 'part_numbers_invalid'],
    ['for a batch of none', 'GET', 's3/multipart/u/batch', key, 'field_missing'],
    [
      'for a batch with a gap',
      'GET',
      's3/multipart/u/batch',
      `${key}&partNumbers=1,,2`,
      'part_numbers_invalid',
    ],
    [
      'for a batch of 1,001',
      'GET',
      's3/multipart/u/batch',
      `${key}&partNumbers=${Array.from({ length: 1001 }, (_, index) => index + 1)}`,
      'part_numbers_invalid',
    ],
    [
      'with a reserved metadata key',
      'GET',
      's3/params',
      'filename=a&metadata[x-amz-acl]=public',
      'metadata_key_reserved',
    ],
    [
      'with 2 KB of metadata',
      'GET',
      's3/params',
      `filename=a&metadata[a]=${'x'.repeat(2048)}`,
      'metadata_too_large',
    ],
  ])('%s is refused', (_what, method, path, query, code) => {
    expect(setup(method, path, query)).toThrow(refused(code));
  });

  test.each([
    ['no parts', { parts: [] }, 'part_numbers_invalid'],
    ['parts that are none', { parts: 'all' }, 'part_numbers_invalid'],
    ['a part without an ETag', { parts: [{ PartNumber: 1 }] }, 'field_missing'],
    ['nothing', {}, 'field_missing'],
    ['what is not JSON', '<xml/>', 'body_malformed'],
  ])('to complete with %s is refused', (_what, body, code) => {
    expect(setup('POST', 's3/multipart/u/complete', key, body)).toThrow(refused(code));
  });

  test('may complete ten thousand parts, which is far more than other bodies may hold', () => {
    const parts = Array.from({ length: 10_000 }, (_, index) => ({
      PartNumber: index + 1,
      ETag: `"${'e'.repeat(32)}"`,
    }));
    expect(setup('POST', 's3/multipart/u/complete', key, { parts })()).toMatchObject({
      parts: { length: 10_000 },
    });
    const large = { filename: 'a'.repeat(70_000) };
    expect(setup('POST', 's3/multipart', '', large)).toThrow(refused('body_too_large'));
  });

  test('keeps what API Gateway would join with commas apart', () => {
    expect(setup('GET', 's3/params', 'filename=a,b.png&filename=c.png&metadata[t]=1,2')()).toMatchObject({
      declaration: { filename: 'a,b.png', metadata: { t: '1,2' } },
    });
  });
});

describe('the size of a file', () => {
  const { parse } = sizeSetup();

  test.each([
    ['a number in a body', { kind: 'create', size: 1000 }],
    ['its digits in a body', { kind: 'create', size: '1000' }],
    ['its digits in a query', { kind: 'params', size: '1000' }],
  ] as const)('may be metadata, as %s, and is declared by it', (_how, { kind, size }) => {
    expect(parse(kind, size)).toMatchObject({ size: 1000, metadata: { album: 'spring' } });
    expect(parse(kind, size).metadata).not.toHaveProperty('size');
  });

  test.each(['params', 'create'] as const)('is not known where nothing tells it, in %s', (kind) => {
    for (const size of ['null', 'undefined']) expect(parse(kind, size)).not.toHaveProperty('size');
  });

  test.each(['XL', '', '-1', '1.5', '0x64', '1e3', ' 5', '9'.repeat(17), 1.5, -1, {}, [], true])(
    'is refused when it is %j, which is no number of bytes',
    (size) => {
      const told = { code: 'size_invalid', extras: expect.objectContaining({ field: 'metadata.size' }) };
      expect(() => parse('create', size)).toThrow(expect.objectContaining(told));
      if (typeof size === 'string')
        expect(() => parse('params', size)).toThrow(expect.objectContaining(told));
    },
  );
});
