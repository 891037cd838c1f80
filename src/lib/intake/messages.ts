import { MalformedNotification } from './faults.ts';
import { type Fields, isFields, toFields, toText } from './narrow.ts';

/** One unit of work that succeeds or fails on its own. */
export type Message = {
  /** for a queue, the id to report as failed; for a direct event, its place in it */
  readonly id: string;
  /** what parseArrivals reads */
  readonly body: string;
  /** how often the queue has delivered it, this time included */
  readonly receiveCount?: number;
  /** the queue's handle for this delivery */
  readonly receiptHandle?: string;
};

/**
 * The content of a Lambda invocation. With a queue, the answer lists the ids of failed messages, and the
 * queue brings them again. If S3 or EventBridge calls the function itself, nobody reads the answer: to fail,
 * throw, and Lambda repeats the whole event.
 */
export type Delivery = { readonly isQueued: boolean; readonly messages: readonly Message[] };

/**
 * Splits a Lambda event into messages. A message whose body is missing or strange is still listed, so that it
 * fails alone. Throws MalformedNotification for an event that is from neither SQS, S3 nor EventBridge.
 */
export function toMessages(event: unknown): Delivery {
  const fields = toFields(event, 'the event');
  const records = fields.Records;
  if (Array.isArray(records)) {
    return records.every(isFromQueue)
      ? { isQueued: true, messages: records.map(toQueueMessage) }
      : { isQueued: false, messages: records.map(toDirectMessage) };
  }
  if ('detail-type' in fields || fields.Event === 's3:TestEvent') {
    return { isQueued: false, messages: [{ id: 'direct-0', body: JSON.stringify(event) }] };
  }
  throw new MalformedNotification('the event is from neither SQS, S3 nor EventBridge');
}

function isFromQueue(record: unknown): record is Fields {
  return isFields(record) && record.eventSource === 'aws:sqs';
}

function toQueueMessage(record: Fields): Message {
  const { body, attributes, receiptHandle } = record;
  const receiveCount = isFields(attributes) ? Number(attributes.ApproximateReceiveCount) : Number.NaN;
  return {
    id: toText(record.messageId, 'the message id'),
    body: typeof body === 'string' ? body : '',
    ...(Number.isSafeInteger(receiveCount) && { receiveCount }),
    ...(typeof receiptHandle === 'string' && { receiptHandle }),
  };
}

function toDirectMessage(record: unknown, index: number): Message {
  return {
    id: `direct-${index}`,
    body: JSON.stringify({ Records: [record] }),
  };
}
