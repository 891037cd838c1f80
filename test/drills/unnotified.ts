import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
} from '@aws-sdk/client-s3';
import type { Scene } from './scene.ts';

/** Does something while S3 notifies nobody of what arrives in incoming. */
export async function unnotified<T>({ s3, stack }: Scene, work: () => Promise<T>): Promise<T> {
  const Bucket = stack.buckets.incoming;
  const { $metadata: _answer, ...before } = await s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket }),
  );
  const notify = (NotificationConfiguration: typeof before) =>
    s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  await notify({});
  try {
    return await work();
  } finally {
    await notify(before);
  }
}

/** What S3 says of an object. */
export function toNotification(bucket: string, key: string): string {
  const s3 = { bucket: { name: bucket }, object: { key } };
  return JSON.stringify({
    Records: [{ eventVersion: '2.1', eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3 }],
  });
}
