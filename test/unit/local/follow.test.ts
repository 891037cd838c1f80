import { describe, expect, test } from 'vitest';
import { toLine } from '../../../local/follow.ts';

function entry(fields: object) {
  return JSON.stringify({ timestamp: 'now', service: 'sluice', ...fields });
}

describe('a line of a function’s log', () => {
  test('is shown when it warns', () => {
    const message = entry({
      level: 'WARN',
      message: 'upload rejected',
      uploadId: 'u1',
      reason: 'type-mismatch',
    });
    expect(toLine('verify-arrivals', message, false)).toBe(
      '  verify-arrivals: WARN upload rejected uploadId=u1 reason=type-mismatch',
    );
  });

  test('is shown when it is ordinary only if everything is asked for', () => {
    const message = entry({ level: 'INFO', message: 'upload requested' });
    expect(toLine('request-upload', message, false)).toBeUndefined();
    expect(toLine('request-upload', message, true)).toBe('  request-upload: INFO upload requested');
  });

  test('is shown as it is when it does not come from the logger', () => {
    expect(toLine('console', 'Error: Cannot find module\n', false)).toBe(
      '  console: Error: Cannot find module',
    );
  });

  test.each([
    ['the platform’s frame of an invocation', 'REPORT RequestId: 1 Duration: 3 ms'],
    ['a remark of Node’s own', '(node:77) [DEP0169] DeprecationWarning: url.parse()'],
    ['a metric', entry({ _aws: {}, arrivals: 1 })],
    ['an empty line', '  '],
  ])('is left out when it is %s', (_, message) => {
    expect(toLine('console', message, true)).toBeUndefined();
  });
});
