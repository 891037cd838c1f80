// The examples that AWS itself publishes, so that ours and the SDK cannot be wrong together.

import { createPresigner } from '@sluice/connection/sign/presign-url';
import { deriveSigningKey, signText } from '@sluice/connection/sign/signing-key';
import { describe, expect, test } from 'vitest';

const EXAMPLE = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

// The key of the IAM examples differs from the one of S3's by a plus sign.
const IAM_SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

describe('signing key', () => {
  test.each([
    ['20120215', 'f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d'],
    ['20150830', 'c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9'],
  ])('is the published one for %s, us-east-1 and iam', (day, expected) => {
    const key = deriveSigningKey(IAM_SECRET, day, 'us-east-1', 'iam');

    expect(key.export().toString('hex')).toBe(expected);
  });
});

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
describe('presigned GET', () => {
  test('is the published URL for examplebucket/test.txt on 24 May 2013', () => {
    const presigner = createPresigner({
      region: 'us-east-1',
      bucket: 'examplebucket',
      endpoint: 'https://s3.amazonaws.com',
    });

    const { url, expiresAt } = presigner.presignUrl(EXAMPLE, {
      method: 'GET',
      key: 'test.txt',
      expiresInSeconds: 86_400,
      signedAt: new Date('2013-05-24T00:00:00Z'),
    });

    expect(url).toBe(
      'https://examplebucket.s3.amazonaws.com/test.txt' +
        '?X-Amz-Algorithm=AWS4-HMAC-SHA256' +
        '&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request' +
        '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
        '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    );
    expect(expiresAt).toEqual(new Date('2013-05-25T00:00:00Z'));
  });
});

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html
describe('POST policy', () => {
  test('is signed as published for sigv4examplebucket on 29 December 2015', () => {
    // The published text has these line ends and blanks: its Base64 form is what is signed.
    const policy = [
      '{ "expiration": "2015-12-30T12:00:00.000Z",',
      '  "conditions": [',
      '    {"bucket": "sigv4examplebucket"},',
      '    ["starts-with", "$key", "user/user1/"],',
      '    {"acl": "public-read"},',
      '    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},',
      '    ["starts-with", "$Content-Type", "image/"],',
      '    {"x-amz-meta-uuid": "14365123651274"},',
      '    {"x-amz-server-side-encryption": "AES256"},',
      '    ["starts-with", "$x-amz-meta-tag", ""],',
      '',
      '    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},',
      '    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},',
      '    {"x-amz-date": "20151229T000000Z" }',
      '  ]',
      '}',
    ].join('\r\n');
    const key = deriveSigningKey(EXAMPLE.secretAccessKey, '20151229', 'us-east-1');

    expect(signText(key, Buffer.from(policy).toString('base64'))).toBe(
      '8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e',
    );
  });
});
