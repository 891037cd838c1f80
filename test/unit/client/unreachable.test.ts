import { toNetworkError } from '@sluice/client/unreachable';
import { toNetworkError as toNetworkErrorOfBrowser } from '@sluice/client/unreachable-browser';
import { describe, expect, test } from 'vitest';

function failure(code: string) {
  return new TypeError('fetch failed', { cause: Object.assign(new Error('why'), { code }) });
}

describe('a connection that failed', () => {
  test.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'UND_ERR_SOCKET'])(
    'with %s says so and may be tried again',
    (code) => {
      expect(toNetworkError('No answer', failure(code))).toMatchObject({
        message: `No answer (${code}).`,
        retryable: true,
      });
    },
  );

  test.each([
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ])('with %s is not tried again, for certificates do not mend themselves', (code) =>
    expect(toNetworkError('No answer', failure(code))).toMatchObject({ retryable: false }),
  );

  test('keeps what was thrown as its cause, whatever that is', () => {
    expect(toNetworkError('No answer', 'odd')).toMatchObject({
      message: 'No answer.',
      cause: 'odd',
      retryable: true,
    });
  });
});

test('in a browser a connection that failed says no more than a browser tells, and may be tried again', () => {
  const thrown = new TypeError('Failed to fetch');
  expect(toNetworkErrorOfBrowser('No answer', thrown)).toMatchObject({
    message: 'No answer.',
    cause: thrown,
    retryable: true,
  });
});
