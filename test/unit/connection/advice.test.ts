import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADVICE, adviceFor } from '@sluice/connection/advice';
import { UploadFailedError } from '@sluice/connection/errors/operation';
import { AccessDeniedError, ThrottledError } from '@sluice/connection/errors/service';
import { describe, expect, test } from 'vitest';

function setup() {
  const folder = join(import.meta.dirname, '../../../packages/connection/src/errors');
  const codes = readdirSync(folder).flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/code = '([\w-]+)'/g)].map(([, code]) => code),
  );
  return { codes };
}

describe('advice', () => {
  test('is there for every code of the taxonomy and for no other', () => {
    const { codes } = setup();
    expect(codes.length).toBeGreaterThan(20);
    expect(Object.keys(ADVICE).toSorted()).toEqual(codes.toSorted());
  });

  test('for a failed upload is that for its cause', () => {
    const cause = new ThrottledError();
    const error = new UploadFailedError({ bucket: 'b', key: 'k', uploadId: undefined, cause });
    expect(adviceFor(error)).toBe(ADVICE.throttled);
  });

  test.each(['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidClientTokenId'])(
    'on keys that are refused as %s is to correct them, not to ask for permission',
    (serviceCode) => {
      expect(adviceFor(new AccessDeniedError({ serviceCode }))).toContain('Correct the keys');
      expect(adviceFor(new AccessDeniedError({ serviceCode: 'AccessDenied' }))).toBe(ADVICE['access-denied']);
    },
  );

  test('says how long the service asks to wait, once', () => {
    const cause = new ThrottledError({ retryAfterMs: 1500 });
    const error = new UploadFailedError({ bucket: 'b', key: 'k', uploadId: undefined, cause });
    expect(adviceFor(error)).toBe(`${ADVICE.throttled} The service asks to wait 2 s.`);
  });
});
