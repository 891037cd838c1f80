import { MalformedNotification } from './faults.ts';
import { type Fields, toFields, toText } from './narrow.ts';
import { type Arrival, toBucket, toHappenedAt, toKeyText, toVersion } from './records.ts';

/**
 * Reads an S3 event in EventBridge's form; no arrival if it is not about a new object.
 * The key is not encoded here: decoding it would turn one object's name into another's.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export function parseEvent(event: Fields): Arrival[] {
  if (event.source !== 'aws.s3') throw new MalformedNotification('an EventBridge event that is not from S3');
  if (toText(event['detail-type'], 'the detail type') !== 'Object Created') return [];
  const detail = toFields(event.detail, 'the detail');
  const object = toFields(detail.object, 'the object');
  return [
    {
      bucket: toBucket(toFields(detail.bucket, 'the bucket')),
      key: toKeyText(toText(object.key, 'the key')),
      ...toVersion(object['version-id']),
      ...toHappenedAt(event.time),
    },
  ];
}
