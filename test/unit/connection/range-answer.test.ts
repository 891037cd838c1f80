import { parseRangeAnswer } from '@sluice/connection/transfers/range-answer';
import { describe, expect, test } from 'vitest';

const range = { index: 0, first: 100, last: 149 };
const status = 'HTTP/1.1 206 Partial Content';
const length = 'Content-Length: 50';
const contentRange = 'Content-Range: bytes 100-149/1000';

function parse(...lines: string[]) {
  return parseRangeAnswer(lines.join('\r\n'), range);
}

describe('the plain answer to a range', () => {
  test('is read, its names in lower case and without the blanks around its values', () => {
    expect(parse(status, length, contentRange, 'ETag:\t "e" ', 'x-amz-meta-a:')).toEqual({
      statusCode: 206,
      headers: {
        'content-length': '50',
        'content-range': 'bytes 100-149/1000',
        etag: '"e"',
        'x-amz-meta-a': '',
      },
      keepAlive: true,
    });
  });

  test.each(['close', 'Close'])('says by "Connection: %s" that no other request will be taken', (value) => {
    expect(parse(status, length, contentRange, `Connection: ${value}`)?.keepAlive).toBe(false);
  });

  test('need not give a reason for its status', () => {
    expect(parse('HTTP/1.1 206', length, contentRange)).toBeDefined();
  });
});

describe('any other answer is left to a parser that knows all of HTTP', () => {
  test.each([
    ['another status', ['HTTP/1.1 200 OK', length, contentRange]],
    ['a status that only begins alike', ['HTTP/1.1 2066', length, contentRange]],
    ['an older version, which keeps no connection', ['HTTP/1.0 206 Partial Content', length, contentRange]],
    ['no length', [status, contentRange]],
    ['another length', [status, 'Content-Length: 51', contentRange]],
    ['a length with a sign', [status, 'Content-Length: +50', contentRange]],
    ['two lengths', [status, length, length, contentRange]],
    ['two lengths, one in other letters', [status, length, 'content-length: 51', contentRange]],
    ['no range', [status, length]],
    ['other bytes', [status, length, 'Content-Range: bytes 0-49/1000']],
    ['bytes that only begin alike', [status, length, 'Content-Range: bytes 100-1490/2000']],
    ['a transfer coding', [status, length, contentRange, 'Transfer-Encoding: chunked']],
    ['a folded line', [status, length, contentRange, ' folded']],
    ['a blank before the colon', [status, 'Content-Length : 50', contentRange]],
    ['a line without a colon', [status, length, contentRange, 'nonsense']],
    ['no head at all', ['']],
  ])('%s', (_what, lines) => {
    expect(parse(...lines)).toBeUndefined();
  });

  test('a field named as what every object has', () => {
    expect(parse(status, length, contentRange, '__proto__: x', 'constructor: y')?.headers).toMatchObject({
      constructor: 'y',
    });
  });
});
