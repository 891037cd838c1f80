// Lines of failures: whoever is woken by one has to find the upload, its object and its request.
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ofMessage } from '../../../src/lib/log/of-message.ts';

/** Lines about no upload, or about more than one. */
const OF_NONE: Readonly<Record<string, string>> = {
  'webhooks not delivered': 'an endpoint, and messages of several uploads',
  'call not authorized': 'a token that nothing was asked with yet',
  'admin command failed': 'what was asked is in the line before it',
  'arrivals not held': 'a batch',
  'shard not swept': 'a shard of rows',
  'arrival in a bucket that is not ours': 'a notification of somebody else’s',
  'scan of a bucket that is not ours': 'the same',
  'request of an owner not counted': 'an owner',
  'keys of the sessions not read': 'a secret',
  'keys of the buckets not read': 'a secret',
  'secrets of pushes not read': 'a secret',
  'keys of the issuer not read': 'keys of the issuer',
  'key of the files not read': 'a secret',
  'secret of the webhooks not read': 'a secret',
};

/** Everything that is logged as a failure: the message, and what goes with it as it stands in the source. */
const FAILURES = globSync('src/**/*.ts').flatMap((path) =>
  [
    ...readFileSync(path, 'utf8').matchAll(/logger\.(?:error|warn)\(\s*(['`])(.*?)\1,?([^;]*?)\)[;,\s]/gs),
  ].map(([, , message = '', fields = '']) => ({ path, message, fields })),
);

describe('a line of a failure', () => {
  test.each(FAILURES)('$message of $path names the upload, if it is about one', ({ message, fields }) => {
    if (message in OF_NONE) return;
    expect(fields).toMatch(
      /\bof(?:Failed|Message|Scan|Row)\(|toSubject\(|uploadId|\.\.\.at\b|\b(?:line|failed)\b/,
    );
  });

  test('is found by this test, wherever it is', () => {
    const calls = globSync('src/**/*.ts').flatMap(
      (path) => readFileSync(path, 'utf8').match(/logger\.(?:error|warn)\(/g) ?? [],
    );
    expect(FAILURES).toHaveLength(calls.length);
    const messages = FAILURES.map(({ message }) => message);
    expect(Object.keys(OF_NONE).filter((message) => !messages.includes(message))).toEqual([]);
  });
});

describe('a message that failed', () => {
  test.each([
    [
      { uploadId: 'u1', key: 'acme/u1', correlationId: 'r1', filename: 'ada.jpg' },
      { uploadId: 'u1', key: 'acme/u1', correlation_id: 'r1' },
    ],
    [{ subject: 'u1', data: {} }, { uploadId: 'u1' }],
    [{ uploadId: 7, key: null }, {}],
    [null, {}],
  ])('of %j is said to be of %j', (body, said) => {
    expect(JSON.parse(JSON.stringify(ofMessage(JSON.stringify(body))))).toEqual(said);
  });

  test('that is no JSON is of nothing', () => {
    expect(ofMessage('{')).toEqual({});
  });
});
