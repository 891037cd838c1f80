import { type Fields, toFields, toText } from './narrow.ts';
import { type Arrival, toKeyText } from './records.ts';

/** R2's actions that make an object. It also sends `DeleteObject` and `LifecycleDeletion`. */
const CREATING: readonly string[] = ['PutObject', 'CopyObject', 'CompleteMultipartUpload'];

/** True for a message of Cloudflare R2, which has one event and no list of records. */
export function isFromR2(message: Fields): boolean {
  return 'account' in message && 'action' in message;
}

/**
 * Reads an event of Cloudflare R2 in its queue's form; no arrival if it is not about a new object. R2 keeps
 * no versions, and its keys are not encoded.
 * https://developers.cloudflare.com/r2/buckets/event-notifications/#message-format
 */
export function parseR2(event: Fields): Arrival[] {
  if (!CREATING.includes(toText(event.action, 'the action'))) return [];
  const object = toFields(event.object, 'the object');
  return [
    {
      bucket: toText(event.bucket, 'the bucket name'),
      key: toKeyText(toText(object.key, 'the key')),
    },
  ];
}
