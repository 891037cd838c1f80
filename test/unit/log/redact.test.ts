import { describe, expect, test } from 'vitest';
import { redact } from '../../../src/lib/log/redact.ts';

function line(fields: unknown) {
  return JSON.stringify(fields, redact);
}

describe('a log line', () => {
  test.each([
    [
      'a presigned URL',
      'https://b.s3/k?X-Amz-Credential=AKIA%2F1&X-Amz-Security-Token=TOKEN&X-Amz-Signature=SIGNED',
      /TOKEN|SIGNED|AKIA/,
    ],
    ['a bearer header', 'authorization was Bearer abc.DEF-1', /abc\.DEF/],
    ['a JSON Web Token', 'got eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl here', /eyJ/],
    ['the secret of a webhook', 'signed by whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw=', /MfKQ/],
    ['a proxy with its password', 'via http://user:hunter2@proxy:3128', /hunter2|user:/],
  ])('holds nothing of %s', (_case, text, secret) => {
    expect(line({ message: text, deep: [{ text }] })).not.toMatch(secret);
  });

  test('holds no value of a field whose name says that it is secret', () => {
    expect(
      line({ headers: { Authorization: 'x1' }, sessionToken: 'x2', 'X-Amz-Signature': 'x3' }),
    ).not.toMatch(/x[123]/);
    expect(line({ headers: { 'webhook-signature': 'v1,x4' } })).not.toMatch(/x4/);
  });

  test('keeps what is not secret as it was', () => {
    const fields = { uploadId: 'a-1', size: 3, ok: true, none: null, list: [1, 'two'] };
    expect(JSON.parse(line(fields))).toEqual(fields);
  });
});
