import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { BuriedFor } from '../event/publish.ts';
import type { BroughtRecord, StreamRecord } from './stream-record.ts';

/** What one message of SQS holds. */
const MESSAGE_BYTES = 256 * 1024;

/** A change in the dead-letter queue: what was wrong with it, and the record itself, to be sent again. */
export type DeadChange = { readonly why: BuriedFor; readonly record: StreamRecord };

/**
 * Puts changes into the dead-letter queue, whole. One that is too large for a message goes without its rows:
 * whoever sends it again has the row read once more.
 */
export function createBury(sqs: SQSClient, queueUrl: string) {
  return async ({ record }: BroughtRecord, why: BuriedFor): Promise<void> => {
    const whole = JSON.stringify({ why, record } satisfies DeadChange);
    const MessageBody = Buffer.byteLength(whole) <= MESSAGE_BYTES ? whole : withoutImages({ why, record });
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
  };
}

function withoutImages({ why, record }: DeadChange): string {
  const { NewImage, OldImage, ...dynamodb } = record.dynamodb ?? {};
  return JSON.stringify({ why, record: { ...record, dynamodb } } satisfies DeadChange);
}

/** The change in a message of the queue; undefined if there is none in it. */
export function parseDeadChange(body: string): StreamRecord | undefined {
  try {
    const message: unknown = JSON.parse(body);
    if (typeof message !== 'object' || message === null || !('record' in message)) return undefined;
    const { record } = message;
    // Sound: nothing of a record is relied on, and its images are checked when they are read.
    return typeof record === 'object' && record !== null ? (record as StreamRecord) : undefined;
  } catch {
    return undefined;
  }
}
