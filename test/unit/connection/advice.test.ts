import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ADVICE, adviceFor } from '../../../src/lib/connection/advice.ts';
import { AccessDeniedError } from '../../../src/lib/connection/errors/access-denied-error.ts';
import { ThrottledError } from '../../../src/lib/connection/errors/throttled-error.ts';
import { UploadFailedError } from '../../../src/lib/connection/errors/upload-failed-error.ts';

function setup() {
  const folder = join(import.meta.dirname, '../../../src/lib/connection/errors');
  const codes = readdirSync(folder).flatMap(
    (file) => /code = '([\w-]+)'/.exec(readFileSync(join(folder, file), 'utf8'))?.[1] ?? [],
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
});
