import { Refusal } from '@sluice/contract/refusals';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { idempotencyKeyOf, parseIntent, toKeyOf } from '../../../src/lib/http/parse-intent.ts';
import { toTenant } from '../../../src/lib/upload/tenant.ts';

const JSON_BODY = { 'content-type': 'application/json' };

function setup() {
  const intent = { filename: 'photo.jpg', contentType: 'image/jpeg', size: 3 };
  const parseBody = (body: unknown, headers: Record<string, string> = JSON_BODY) =>
    parseIntent({
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers,
      isBase64Encoded: false,
    });
  const parse = (body: unknown, headers?: Record<string, string>) => parseBody(body, headers).intent;
  const refusalOf = (body: unknown, headers?: Record<string, string>) => {
    try {
      parse(body, headers);
    } catch (error) {
      if (error instanceof Refusal) return { code: error.code, field: error.extras.field };
      throw error;
    }
    return undefined;
  };
  return { intent, parse, parseBody, refusalOf };
}

const BAD_FIELDS: readonly (readonly [string, Record<string, unknown>, string, string])[] = [
  ['a lone surrogate in the file name', { filename: 'a\ud800' }, 'text_invalid', 'filename'],
  ['a file name that is a number', { filename: 7 }, 'filename_invalid', 'filename'],
  ['a content type without a slash', { contentType: 'jpeg' }, 'content_type_invalid', 'contentType'],
  [
    'a content type with half a parameter',
    { contentType: 'text/csv; x' },
    'content_type_invalid',
    'contentType',
  ],
  ['two content types', { contentType: 'text/csv, text/plain' }, 'content_type_invalid', 'contentType'],
  [
    'a content type of 256 characters',
    { contentType: `text/csv; x=${'1'.repeat(244)}` },
    'content_type_invalid',
    'contentType',
  ],
  ['a content type with a line break', { contentType: 'a/b\r\nc: d' }, 'content_type_invalid', 'contentType'],
  ['a negative size', { size: -1 }, 'size_invalid', 'size'],
  ['a fractional size', { size: 1.5 }, 'size_invalid', 'size'],
  ['a size beyond exact numbers', { size: 2 ** 53 }, 'size_invalid', 'size'],
  ['a size as text', { size: '3' }, 'size_invalid', 'size'],
  ['a null size', { size: null }, 'size_invalid', 'size'],
  [
    'a checksum of another length',
    { checksum: { algorithm: 'sha256', value: 'AAAA' } },
    'checksum_invalid',
    'checksum',
  ],
  [
    'a checksum that is not base64',
    { checksum: { algorithm: 'crc32', value: '%%%%%%==' } },
    'checksum_invalid',
    'checksum',
  ],
  [
    'a checksum in base64url',
    { checksum: { algorithm: 'crc32', value: '-_-_-w' } },
    'checksum_invalid',
    'checksum',
  ],
  [
    'an unknown algorithm',
    { checksum: { algorithm: 'md5', value: 'AAAA' } },
    'checksum_invalid',
    'checksum.algorithm',
  ],
  ['metadata that is a list', { metadata: ['a'] }, 'metadata_invalid', 'metadata'],
  ['a metadata value that is a number', { metadata: { a: 1 } }, 'metadata_invalid', 'metadata.a'],
  ['metadata of more than 2 KB', { metadata: { a: 'é'.repeat(1024) } }, 'metadata_too_large', 'metadata'],
  [
    'a reserved metadata key',
    { metadata: { 'x-amz-acl': 'public' } },
    'metadata_key_reserved',
    'metadata.x-amz-acl',
  ],
  [
    'a metadata key of our own',
    { metadata: { 'Sluice-id': '1' } },
    'metadata_key_reserved',
    'metadata.Sluice-id',
  ],
  ['an unknown transport', { transport: 'ftp' }, 'transport_invalid', 'transport'],
  ['readers that there are none of', { readers: 'everyone' }, 'readers_invalid', 'readers'],
  ['several readers', { readers: ['owner', 'tenant'] }, 'readers_invalid', 'readers'],
  ['an owner that is a text', { owner: 'ada' }, 'owner_invalid', 'owner'],
  ['an owner without a subject', { owner: { tenant: 'acme' } }, 'field_missing', 'owner.subject'],
  ['an empty tenant', { owner: { tenant: '', subject: 'ada' } }, 'owner_invalid', 'owner.tenant'],
  [
    'a subject longer than a key of the ledger',
    { owner: { tenant: 'acme', subject: 'a'.repeat(1_025) } },
    'owner_invalid',
    'owner.subject',
  ],
  ['an empty reference', { reference: '' }, 'reference_invalid', 'reference'],
  ['a reference that is a number', { reference: 7 }, 'reference_invalid', 'reference'],
  ['a reference of 257 bytes', { reference: `${'é'.repeat(128)}x` }, 'reference_invalid', 'reference'],
  ['an unknown field', { acl: 'public-read' }, 'field_unknown', 'acl'],
  ['a missing size', { size: undefined }, 'field_missing', 'size'],
];

describe('the body of POST /uploads', () => {
  test('is read with its defaults when only what is required is there', () => {
    const { intent, parse } = setup();
    expect(parse(intent)).toEqual({ ...intent, metadata: {} });
  });

  test('names its owner by the tenant as tokens have it, or as uploads and events do', () => {
    const { intent, parseBody } = setup();
    const named = (tenant: string) => parseBody({ ...intent, owner: { tenant, subject: 'ada' } }).owner;
    expect(named('acme')).toEqual({ tenant: 'acme', subject: 'ada' });
    expect(named('Acme Ltd.')).toEqual({ tenant: toTenant('Acme Ltd.'), subject: 'ada' });
    expect(named(toTenant('Acme Ltd.'))).toEqual({ tenant: toTenant('Acme Ltd.'), subject: 'ada' });
    expect(parseBody(intent)).not.toHaveProperty('owner');
  });

  test('takes a reference of 256 bytes as it is', () => {
    const { intent, parse } = setup();
    const reference = 'é'.repeat(128);
    expect(parse({ ...intent, reference })).toMatchObject({ reference });
  });

  test('may be base64, as API Gateway hands on what it takes for binary', () => {
    const { intent } = setup();
    const body = Buffer.from(JSON.stringify(intent)).toString('base64');
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect(parseIntent({ body, headers, isBase64Encoded: true }).intent.filename).toBe('photo.jpg');
  });

  test.each(BAD_FIELDS)('is refused for %s, naming the field', (_case, change, code, field) => {
    const { intent, refusalOf } = setup();
    expect(refusalOf({ ...intent, ...change })).toEqual({ code, field });
  });

  test('is refused when a key of the metadata would reach the prototype', () => {
    const { refusalOf } = setup();
    const body = '{"filename":"a","contentType":"a/b","size":1,"metadata":{"constructor":"x"}}';
    expect(refusalOf(body)?.code).toBe('metadata_key_reserved');
  });

  test.each([
    ['nothing', '', 'body_missing'],
    ['half an object', '{"filename":', 'body_malformed'],
    ['a list', '[]', 'body_malformed'],
    ['null', 'null', 'body_malformed'],
    ['more than 64 KB', JSON.stringify({ filename: 'a'.repeat(65_536) }), 'body_too_large'],
  ])('is refused when it is %s', (_case, body, code) => {
    const { refusalOf } = setup();
    expect(refusalOf(body)?.code).toBe(code);
  });

  test.each([{}, { 'content-type': 'text/plain' }, { 'content-type': 'application/x-www-form-urlencoded' }])(
    'is refused when it comes as %o',
    (headers) => {
      const { intent, refusalOf } = setup();
      expect(refusalOf(intent, headers)?.code).toBe('media_type_unsupported');
    },
  );

  test('does not quote a malformed body in the refusal', () => {
    const { parse } = setup();
    expect(() => parse('{"secret-of-mine')).toThrow(/^(?!.*secret-of-mine)/);
  });
});

describe('the content type that is declared', () => {
  test.each([
    ['with a charset', 'text/csv; charset=utf-8', 'a.csv', 'text/csv'],
    ['with a quoted charset', 'text/csv;charset="UTF-8"', 'a.csv', 'text/csv'],
    ['with codecs', 'video/webm; codecs=vp9', 'a.webm', 'video/webm'],
    ['with codecs as a recorder in a browser lists them', 'video/webm;codecs=vp9,opus', 'a', 'video/webm'],
    ['with quoted codecs', 'audio/webm; codecs="opus, pcm"', 'a', 'audio/webm'],
    ['with two parameters', 'text/markdown; charset=utf-8; variant=GFM', 'a.md', 'text/markdown'],
    ['with a semicolon too many', 'text/plain; ', 'a.txt', 'text/plain'],
    ['as nothing in particular', 'application/octet-stream', 'photo.HEIC', 'image/heic'],
    [
      'as nothing in particular, with nothing to go by',
      'application/octet-stream',
      'a',
      'application/octet-stream',
    ],
    ["by Excel's name for CSV", 'application/vnd.ms-excel', 'a.csv', 'text/csv'],
  ])('is taken %s', (_how, contentType, filename, expected) => {
    const { intent, parse } = setup();
    expect(parse({ ...intent, contentType, filename }).contentType).toBe(expected);
  });

  test('is read in time that grows with its length, whatever it holds', () => {
    const { intent, refusalOf } = setup();
    // Blanks that could belong to two places would be tried in every combination: more than there is time
    // for.
    const contentType = `text/csv${';   '.repeat(60)}!`;
    expect(refusalOf({ ...intent, contentType })?.code).toBe('content_type_invalid');
  });

  test('never becomes anything but a type and a subtype', () => {
    const { intent, parse } = setup();
    fc.assert(
      fc.property(fc.stringMatching(/^text\/csv[ ;="a-z,\\\t]{0,40}$/), (contentType) => {
        try {
          expect(parse({ ...intent, contentType }).contentType).toMatch(/^[\w.+-]+\/[\w.+-]+$/);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the Idempotency-Key header', () => {
  test('is optional', () => {
    expect(idempotencyKeyOf({})).toBeUndefined();
  });

  test('is another key for each caller, whatever their names', () => {
    const owner = { tenant: 'acme', subject: 'ada' };
    const keys = [
      toKeyOf({ kind: 'user', ...owner }, 'k'),
      toKeyOf({ kind: 'service', client: 'a', scopes: [] }, 'k'),
      toKeyOf({ kind: 'service', client: 'b', scopes: [] }, 'k'),
      toKeyOf({ kind: 'grant', ...owner, grantId: 'a' }, 'k'),
      toKeyOf({ kind: 'grant', ...owner, grantId: 'b' }, 'k'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    // What a user may send is never the key of somebody else.
    for (const key of keys.slice(1)) expect(() => idempotencyKeyOf({ 'idempotency-key': key })).toThrow();
  });

  test.each(['', ' ', 'ä', 'a b', 'x'.repeat(256)])('is refused as %j', (key) => {
    expect(() => idempotencyKeyOf({ 'idempotency-key': key })).toThrow(
      expect.objectContaining({ code: 'idempotency_key_invalid', extras: { field: 'Idempotency-Key' } }),
    );
  });
});
