import { describe, expect, test } from 'vitest';
import { parseArrivals } from '../../../src/lib/intake/arrival.ts';
import { MalformedNotification } from '../../../src/lib/intake/faults.ts';
import { toMessages } from '../../../src/lib/intake/messages.ts';

function fromQueue(changes: object = {}) {
  return {
    messageId: 'm-1',
    body: '{}',
    eventSource: 'aws:sqs',
    attributes: { ApproximateReceiveCount: '3' },
    ...changes,
  };
}
function s3Record(key: string) {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventName: 'ObjectCreated:Put',
    s3: { bucket: { name: 'b' }, object: { key } },
  };
}

describe('toMessages', () => {
  test('lists the messages of a queue with their ids, bodies and receive counts', () => {
    expect(toMessages({ Records: [fromQueue(), fromQueue({ messageId: 'm-2', body: 'x' })] })).toEqual({
      isQueued: true,
      messages: [
        { id: 'm-1', body: '{}', receiveCount: 3 },
        { id: 'm-2', body: 'x', receiveCount: 3 },
      ],
    });
  });

  test('leaves the receive count out when the queue does not tell it', () => {
    for (const attributes of [undefined, {}, { ApproximateReceiveCount: 'many' }]) {
      expect(toMessages({ Records: [fromQueue({ attributes })] }).messages).toEqual([
        { id: 'm-1', body: '{}' },
      ]);
    }
  });

  test('keeps a message whose body is missing, so that it fails alone', () => {
    const { messages } = toMessages({
      Records: [fromQueue(), fromQueue({ messageId: 'm-2', body: undefined })],
    });
    expect(messages.map(({ id }) => id)).toEqual(['m-1', 'm-2']);
    expect(() => parseArrivals(messages[1]?.body ?? 'absent')).toThrow(MalformedNotification);
  });

  test('makes one message of each record when S3 calls the function itself', () => {
    const { isQueued, messages } = toMessages({ Records: [s3Record('a%20b'), s3Record('c')] });
    expect(isQueued).toBe(false);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(2);
    expect(messages.map(({ body }) => parseArrivals(body))).toEqual([
      [{ bucket: 'b', key: 'a b' }],
      [{ bucket: 'b', key: 'c' }],
    ]);
  });

  test('makes one message of the event when EventBridge calls the function itself', () => {
    const event = {
      source: 'aws.s3',
      'detail-type': 'Object Created',
      detail: { bucket: { name: 'b' }, object: { key: 'a+b' } },
    };
    const { isQueued, messages } = toMessages(event);
    expect(isQueued).toBe(false);
    expect(messages.map(({ body }) => parseArrivals(body))).toEqual([[{ bucket: 'b', key: 'a+b' }]]);
  });

  test('finds nothing to do in an empty batch and in a test event', () => {
    expect(toMessages({ Records: [] }).messages).toEqual([]);
    const { messages } = toMessages({ Service: 'Amazon S3', Event: 's3:TestEvent' });
    expect(messages.map(({ body }) => parseArrivals(body))).toEqual([[]]);
  });

  test.each([
    null,
    undefined,
    'text',
    7,
    [],
    {},
    { Records: 'x' },
    { Records: [fromQueue({ messageId: 5 })] },
  ])('throws MalformedNotification for %j', (event) => {
    expect(() => toMessages(event)).toThrow(MalformedNotification);
  });
});
