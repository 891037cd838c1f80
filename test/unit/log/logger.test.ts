import type { Context } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLogger, type Fields } from '../../../src/lib/log/logger.ts';
import { redact } from '../../../src/lib/log/redact.ts';

const CONTEXT = {
  functionName: 'sluice-dev-uppy',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:1:function:sluice-dev-uppy',
  memoryLimitInMB: '512',
  awsRequestId: 'r-1',
} as Context;

function setup(level?: string, trace?: string) {
  const written: { line: string; stream: string }[] = [];
  const logger = createLogger({
    level,
    now: () => 0,
    write: (line, stream) => void written.push({ line, stream }),
    traceId: () => trace,
  });
  const lines = () => written.map(({ line }): Record<string, unknown> => JSON.parse(line));
  return { logger, written, lines };
}

describe('a log line', () => {
  test('says which invocation it is of, and whether that is the first', () => {
    const { logger, lines } = setup('INFO', '1-5759e988-bd862e3f');
    logger.info('loaded');
    logger.begin(CONTEXT, 'c-1');
    logger.info('one', { uploadId: 'u-1', absent: undefined });
    logger.begin({ ...CONTEXT, awsRequestId: 'r-2' });
    logger.info('two');
    const [loaded, one, two] = lines();
    const shared = { level: 'INFO', timestamp: '1970-01-01T00:00:00.000Z', service: 'sluice' };
    expect(loaded).toEqual({ ...shared, message: 'loaded' });
    expect(one).toEqual({
      ...shared,
      message: 'one',
      cold_start: true,
      function_arn: CONTEXT.invokedFunctionArn,
      function_memory_size: '512',
      function_name: 'sluice-dev-uppy',
      function_request_id: 'r-1',
      xray_trace_id: '1-5759e988-bd862e3f',
      correlation_id: 'c-1',
      uploadId: 'u-1',
    });
    expect(two).toMatchObject({ cold_start: false, function_request_id: 'r-2' });
    expect(two).not.toHaveProperty('correlation_id');
  });

  test('is of the request that it names itself, once', () => {
    const { logger, written, lines } = setup();
    logger.begin(CONTEXT, 'of-the-invocation');
    logger.info('upload accepted', { correlation_id: 'of-the-upload' });
    expect(lines()[0]).toMatchObject({ correlation_id: 'of-the-upload' });
    expect(written[0]?.line.match(/correlation_id/g)).toHaveLength(1);
  });

  test('is one line, whatever is in it', () => {
    const { logger, written, lines } = setup();
    logger.info('a\nb', { text: '{"c":"d"}\r\n', '"': '\u2028' });
    expect(written[0]?.line.trimEnd().split('\n')).toHaveLength(1);
    expect(lines()[0]).toMatchObject({ message: 'a\nb', text: '{"c":"d"}\r\n', '"': '\u2028' });
  });

  test('tells an error by its name, message, stack, cause and own fields', () => {
    const { logger, lines } = setup();
    const cause = Object.assign(new Error('why'), { code: 'ECONNRESET' });
    const error = Object.assign(new TypeError('what', { cause }), { $metadata: { attempts: 3 } });
    logger.error('failed', { error });
    expect(lines()[0]?.error).toEqual({
      name: 'TypeError',
      message: 'what',
      stack: error.stack,
      cause: { name: 'Error', message: 'why', stack: cause.stack, code: 'ECONNRESET' },
      $metadata: { attempts: 3 },
    });
  });

  const loop: { self?: unknown } = {};
  loop.self = loop;
  function toJSON() {
    throw new Error('no: token=abc');
  }
  test.each([
    ['refers to itself', loop],
    ['throws when it is read', { toJSON }],
  ])('survives a value that %s', (_what, value) => {
    const { logger, written, lines } = setup();
    logger.info('odd', { value });
    expect(lines()[0]).toMatchObject({ message: 'odd', unloggable: expect.any(String) });
    expect(written[0]?.line).not.toContain('abc');
  });

  test('writes a number that JSON has not', () => {
    const { logger, lines } = setup();
    logger.info('large', { size: 2n ** 60n, deep: { size: 1n } });
    expect(lines()[0]).toMatchObject({ size: '1152921504606846976', deep: { size: '1' } });
  });

  test.each([
    [undefined, 'INFO WARN ERROR'],
    ['DEBUG', 'DEBUG INFO WARN ERROR'],
    ['WARN', 'WARN ERROR'],
    ['ERROR', 'ERROR'],
    ['toString', 'INFO WARN ERROR'],
  ])('of less than the level %s is not written', (level, expected) => {
    const { logger, lines, written } = setup(level);
    for (const name of ['debug', 'info', 'warn', 'error'] as const) logger[name](name);
    expect(
      lines()
        .map((line) => line.level)
        .join(' '),
    ).toBe(expected);
    const onStderr = written.filter(({ stream }) => stream === 'stderr').map(({ line }) => line);
    expect(onStderr.every((line) => /"level":"(WARN|ERROR)"/.test(line))).toBe(true);
  });
});

describe('what is secret', () => {
  test.each<[string, string, Fields]>([
    ['a message', 'see https://b/k?X-Amz-Signature=s3cret&a=b', {}],
    ['a field', 'm', { url: 'https://b/k?X-Amz-Signature=s3cret&a=b' }],
    ['a field named so', 'm', { token: 's3cret' }],
    ['a field named so in other letters', 'm', { Authorization: 's3cret' }],
    ['a value deep down', 'm', { a: [{ b: { password: 's3cret' } }] }],
    ['an error', 'm', { error: new Error('Bearer s3cret') }],
    ['a cause', 'm', { error: new Error('e', { cause: new Error('slu1.a.b.s3cret') }) }],
  ])('is taken out of %s', (_where, message, fields) => {
    const { logger, written } = setup();
    logger.info(message, fields);
    expect(written[0]?.line).toContain('[redacted]');
    expect(written[0]?.line).not.toContain('s3cret');
  });

  test('is not searched for value by value where it cannot be, with the same outcome', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('token', 'a=b', 'Bearer x', 'eyJa.b.c', '//u:p@h', 'slu1.a.b.c', '"token"', '\\'),
    );
    const value = fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null), fc.dictionary(text, text));
    fc.assert(
      fc.property(text, fc.dictionary(text, value), (message, fields) => {
        const { logger, lines } = setup();
        const { level: _level, timestamp: _timestamp, message: _message, service: _service, ...own } = fields;
        logger.info(message, own);
        const expected = JSON.parse(JSON.stringify({ message, ...own }, (_name, inner) => redact(inner)));
        const [{ level: _l, timestamp: _t, service: _s, ...line } = {}] = lines();
        expect(line).toEqual(expected);
      }),
    );
  });
});
