import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UnreadableRequest } from '../../../src/lib/scan/faults.ts';
import { parseScanRequest } from '../../../src/lib/scan/parse-request.ts';
import { aScanRequest } from './a-scan.ts';

test('a request is read as it was sent, without the fields that nobody knows', () => {
  const request = aScanRequest();
  expect(parseScanRequest(JSON.stringify({ ...request, later: 1 }))).toEqual(request);
  const { versionId: _, ...unversioned } = request;
  expect(parseScanRequest(JSON.stringify(unversioned))).toEqual(unversioned);
});

test.each([
  ['its schema', { schema: 2 }],
  ['its scanner', { scanner: 'virustotal' }],
  ['its uploadId', { uploadId: '../../etc/passwd' }],
  ['its bucket', { bucket: '' }],
  ['its key', { key: 'somebody/11111111-2222-4333-8444-555555555555' }],
  ['its key', { key: 'malware-protection-resource-validation-object' }],
  ['its etag', { etag: undefined }],
  ['its version', { versionId: 7 }],
  ['its size', { size: -1 }],
  ['its size', { size: 1.5 }],
  ['its size', { size: 6 * 1024 ** 4 }],
  ['its attempt', { attempt: 0 }],
  ['its contentType', { contentType: '' }],
  ['its filename', { filename: 'x'.repeat(1025) }],
  ['its policy', { policy: undefined }],
  ['its correlationId', { correlationId: null }],
])('%s is refused where it is malformed: %j', (what, change) => {
  const text = JSON.stringify({ ...aScanRequest(), ...change });
  expect(() => parseScanRequest(text)).toThrow(`a request for a scan is unreadable: ${what}`);
});

test.each(['', '{', '[]', '7', 'null', '"text"'])('%s is no request', (text) => {
  expect(() => parseScanRequest(text)).toThrow(UnreadableRequest);
});

test('whatever a message holds, it is read or refused, and nothing of it is shown', () => {
  const mutations = fc.dictionary(fc.constantFrom(...Object.keys(aScanRequest())), fc.anything());
  fc.assert(
    fc.property(mutations, (mutation) => {
      try {
        parseScanRequest(JSON.stringify({ ...aScanRequest(), ...mutation }, bigintless));
      } catch (error) {
        expect(error).toBeInstanceOf(UnreadableRequest);
        expect(String(error)).toMatch(/unreadable: its \w+$/);
      }
    }),
  );
});

function bigintless(_: string, value: unknown) {
  return typeof value === 'bigint' ? String(value) : value;
}
