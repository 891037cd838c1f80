import type { Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import { COMPANION_PROBLEM, uppyResponse } from '../../../src/lib/uppy/respond.ts';
import type { UppyAnswer } from '../../../src/lib/uppy/serve.ts';

const UPLOAD = { id: 'u-1', key: 'acme/u-1', expiresAt: 61_999 } as Upload; // all that an answer shows of one

function setup(answer: UppyAnswer, accept = '*/*') {
  const whereabouts = { bucket: 'incoming', apiUrl: 'https://api.example', now: 1_000 };
  const { statusCode, headers, body } = uppyResponse({ headers: { accept } }, answer, whereabouts);
  return { statusCode, type: headers?.['content-type'], body };
}

describe('an answer to Uppy', () => {
  test.each<[string, UppyAnswer, unknown]>([
    [
      'a form',
      { kind: 'form', upload: UPLOAD, url: 'https://s3/', fields: { key: 'k' } },
      { method: 'POST', url: 'https://s3/', fields: { key: 'k' }, expires: 60 },
    ],
    [
      'a multipart upload',
      { kind: 'begun', upload: UPLOAD, uploadId: 'x' },
      { key: 'acme/u-1', uploadId: 'x', bucket: 'incoming' },
    ],
    [
      'parts',
      { kind: 'arrived', parts: [{ partNumber: 1, etag: '"e"', size: 5 }] },
      [{ PartNumber: 1, ETag: '"e"', Size: 5 }],
    ],
    ['a URL', { kind: 'signed', url: 'https://s3/p', expiresAt: 500 }, { url: 'https://s3/p', expires: 0 }],
    ['URLs', { kind: 'signed-batch', urls: { 1: 'https://s3/p' } }, { presignedUrls: { 1: 'https://s3/p' } }],
    [
      'a completion',
      { kind: 'completed', upload: UPLOAD },
      { location: 'https://api.example/uploads/u-1', key: 'acme/u-1', bucket: 'incoming' },
    ],
    ['an abortion', { kind: 'aborted' }, {}],
  ])('is JSON with status 200 for %s', (_what, answer, expected) => {
    const { statusCode, type, body } = setup(answer);
    expect([statusCode, type]).toEqual([200, 'application/json']);
    expect(JSON.parse(body ?? '')).toEqual(expected);
  });

  test('is XML for those who accept it, where S3 would answer XML, and JSON otherwise', () => {
    expect(setup({ kind: 'aborted' }, 'application/xml')).toEqual({
      statusCode: 200,
      type: 'application/xml',
      body: '',
    });
    const signed = { kind: 'signed', url: 'https://s3/p', expiresAt: 500 } as const;
    expect(setup(signed, 'application/xml').type).toBe('application/json');
  });
});

test('a problem is told to Uppy in `error` and in `message`, beside its code', () => {
  const problem = { code: 'c', status: 404, retryable: false, title: 'T.', detail: 'D.' };
  expect(COMPANION_PROBLEM.toBody(problem, 'r-1')).toEqual({
    error: 'D.',
    message: 'D.',
    ...problem,
    requestId: 'r-1',
  });
});
