import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Upload } from '@sluice/contract/upload';
import type { Arrival } from '../intake/records.ts';

/** Puts arrivals on the queue, in one message that has S3's own form, so that there is one way in. */
export function createAnnounceArrivals(sqs: SQSClient, queueUrl: string) {
  return async (arrivals: readonly Pick<Arrival, 'bucket' | 'key' | 'versionId'>[]): Promise<void> => {
    const Records = arrivals.map(({ bucket, key, versionId }) => ({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      s3: {
        bucket: { name: bucket },
        object: { key: encodeURIComponent(key), ...(versionId !== undefined && { versionId }) },
      },
    }));
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ Records }) }));
  };
}

/** Puts an arrival on the queue as S3 would have, for an object whose notification was lost. */
export function createAnnounce(sqs: SQSClient, queueUrl: string, bucket: string) {
  const announce = createAnnounceArrivals(sqs, queueUrl);
  return ({ key }: Pick<Upload, 'key'>): Promise<void> => announce([{ bucket, key }]);
}
