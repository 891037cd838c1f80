import type { Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import { parseCompletion, toS3Body } from '../../../src/lib/uppy/xml.ts';

const WHEREABOUTS = { bucket: 'incoming', apiUrl: 'https://api.example', now: 0 };
const UPLOAD = { id: 'u-1', key: 'acme/u-1' } as Upload; // all that an answer shows of one

describe('an answer in the words of S3', () => {
  test('tells which upload was begun', () => {
    expect(toS3Body({ kind: 'begun', upload: UPLOAD, uploadId: 'a<b&"c"' }, WHEREABOUTS)).toBe(
      '<InitiateMultipartUploadResult><Bucket>incoming</Bucket><Key>acme/u-1</Key>' +
        '<UploadId>a&lt;b&amp;&quot;c&quot;</UploadId></InitiateMultipartUploadResult>',
    );
  });

  test('lists parts', () => {
    const parts = [{ partNumber: 2, size: 5, etag: '"e2"' }];
    expect(toS3Body({ kind: 'arrived', parts }, WHEREABOUTS)).toBe(
      '<ListPartsResult><Part><PartNumber>2</PartNumber><ETag>&quot;e2&quot;</ETag><Size>5</Size></Part></ListPartsResult>',
    );
  });

  test('leads to where the upload can be followed, not to the object', () => {
    expect(toS3Body({ kind: 'completed', upload: UPLOAD }, WHEREABOUTS)).toContain(
      '<Location>https://api.example/uploads/u-1</Location>',
    );
  });

  test('has none for what Uppy never asks of S3', () => {
    expect(toS3Body({ kind: 'signed', url: 'https://s3', expiresAt: 0 }, WHEREABOUTS)).toBeUndefined();
  });
});

describe('a completion in the words of S3', () => {
  test('names the parts, their ETags with or without quotes', () => {
    const text =
      '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e1</ETag></Part>\n' +
      '<Part><PartNumber>2</PartNumber><ETag>&quot;e2&quot;</ETag></Part></CompleteMultipartUpload>';
    expect(parseCompletion(text)).toEqual([
      { PartNumber: 1, ETag: 'e1' },
      { PartNumber: 2, ETag: '"e2"' },
    ]);
  });

  test.each([
    '',
    '{"parts":[]}',
    '<CompleteMultipartUpload>',
    '<CompleteMultipartUpload><Part><PartNumber>x</PartNumber><ETag>e</ETag></Part></CompleteMultipartUpload>',
    '<CompleteMultipartUpload><Part/></CompleteMultipartUpload>',
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><CompleteMultipartUpload></CompleteMultipartUpload>',
  ])('is none when it is %j', (text) => {
    expect(parseCompletion(text)).toBeUndefined();
  });
});
