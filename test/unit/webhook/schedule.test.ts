import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../src/lib/webhook/endpoint.ts';
import { toBody } from '../../../src/lib/webhook/fan-out.ts';
import {
  MalformedMessage,
  parseDeliveryMessage,
  parseEventMessage,
} from '../../../src/lib/webhook/parse-message.ts';
import { nextAttemptAfter, parseRetryAfter, pauseAfter } from '../../../src/lib/webhook/schedule.ts';
import { eventOf } from './world.ts';

const NOW = Date.UTC(2026, 10, 26, 12);

describe('Retry-After', () => {
  test.each([
    ['120', 120],
    ['0', 0],
    ['Thu, 26 Nov 2026 12:01:30 GMT', 90],
    ['Thu, 26 Nov 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s asks for %s seconds', (text, seconds) => {
    expect(parseRetryAfter(text, NOW)).toBe(seconds);
  });
});

test('an attempt is up to a tenth later than the schedule says, and there are ten', () => {
  expect([nextAttemptAfter(1, 0), nextAttemptAfter(1, 1), nextAttemptAfter(9, 0)]).toEqual([
    5_000, 5_500, 86_400_000,
  ]);
  expect(nextAttemptAfter(10, 0)).toBeUndefined();
});

test('pauses double up to ten minutes', () => {
  expect([0, 1, 2, 3, 4, 5, 50].map((pauses) => pauseAfter({ error: 'timed_out' }, pauses))).toEqual([
    30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000,
  ]);
  expect(pauseAfter({ status: 500, error: 'status', retryAfterSeconds: 9 }, 0)).toBeUndefined();
});

describe('a body', () => {
  const large = { ...eventOf().data, subject: 'ü'.repeat(500), filename: '猫'.repeat(255) };

  test('holds the largest metadata that an upload may have', () => {
    const body = toBody(eventOf('a0', { data: { ...large, metadata: { a: 'x'.repeat(2_047) } } }));
    expect(Buffer.byteLength(body)).toBeLessThan(LIMITS.bodyBytes);
    expect(JSON.parse(body).data.metadata.a).toHaveLength(2_047);
  });

  test('that metadata would make too large says that they are left out', () => {
    const metadata = { a: '\u0001'.repeat(2_047) };
    const body = toBody(eventOf('a0', { data: { ...large, subject: '\u0001'.repeat(1_500), metadata } }));
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(LIMITS.bodyBytes);
    expect(JSON.parse(body).data).toMatchObject({ metadata: {}, metadataOmitted: true, id: 'a0' });
  });
});

describe('a message', () => {
  test.each(['', 'null', '[]', '{}', '{"detail":{}}', '{"detail":{"id":"a","type":"upload.seen"}}'])(
    'that holds no event is malformed: %s',
    (body) => {
      expect(() => parseEventMessage(body)).toThrow(MalformedMessage);
    },
  );

  test.each(['', 'null', '{}', '{"deliveries":{}}', '{"deliveries":[{"scope":"*","endpointId":"e"}]}'])(
    'that announces no delivery is malformed: %s',
    (body) => {
      expect(() => parseDeliveryMessage(body)).toThrow(MalformedMessage);
    },
  );

  test('that is malformed is not repeated in what is said of it', () => {
    expect(() => parseEventMessage('{"secret":"s3cr3t"')).toThrow(/^(?!.*s3cr3t)/);
  });
});
