// The shortest function that could stand in place of verify-arrivals: it copies what arrived, and looks at
// nothing.
import { CopyObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Event, SQSEvent } from 'aws-lambda';

const s3 = new S3Client({});

export async function handler({ Records }: SQSEvent): Promise<void> {
  for (const { body } of Records) {
    const { Records: arrivals = [] }: Partial<S3Event> = JSON.parse(body);
    for (const { s3: arrival } of arrivals) {
      await s3.send(
        new CopyObjectCommand({
          CopySource: `${arrival.bucket.name}/${arrival.object.key}`,
          Bucket: process.env.COPIES ?? '',
          Key: decodeURIComponent(arrival.object.key.replaceAll('+', ' ')),
        }),
      );
    }
  }
}
