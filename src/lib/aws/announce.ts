import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Upload } from '@sluice/contract/upload';

/**
 * Puts an arrival on the queue as S3 would have, for an object whose notification was lost.
 * The message has S3's own form, so that there is one way in.
 */
export function createAnnounce(sqs: SQSClient, queueUrl: string, bucket: string) {
  return async (upload: Upload): Promise<void> => {
    const record = {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      // Keys of uploads hold nothing that URL encoding would change.
      s3: { bucket: { name: bucket }, object: { key: upload.key } },
    };
    await sqs.send(
      new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ Records: [record] }) }),
    );
  };
}
