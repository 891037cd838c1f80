import { MalformedNotification } from './faults.ts';
import { type Fields, hasMoreBytes, toFields, toText } from './narrow.ts';

const KEY_MAX_BYTES = 1024;

/**
 * One object that S3 says was created. What else an event says of it is not read: only a HEAD says what is
 * there now.
 */
export type Arrival = {
  readonly bucket: string;
  /** as the object is named in S3, nothing encoded */
  readonly key: string;
  /** of the object, if its bucket keeps versions */
  readonly versionId?: string;
  /**
   * when the store had finished the object, if the event says it: milliseconds since the epoch. Nothing is
   * decided by it
   */
  readonly happenedAt?: number;
};

/**
 * Reads one record of an S3 event notification (version 2.x); undefined if it is not about a new object.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function parseRecord(value: unknown): Arrival | undefined {
  const record = toFields(value, 'a record');
  // S3-compatible stores name themselves: `minio:s3`, `ceph:s3`.
  if (!toText(record.eventSource, 'the event source').endsWith(':s3')) {
    throw new MalformedNotification('a record that is not from S3');
  }
  if (!/^2\.\d{1,3}$/.test(toText(record.eventVersion, 'the event version'))) {
    throw new MalformedNotification('an event version other than 2.x');
  }
  if (!/^(?:s3:)?ObjectCreated:/.test(toText(record.eventName, 'the event name'))) return undefined;
  const s3 = toFields(record.s3, 'the S3 entity');
  const object = toFields(s3.object, 'the object');
  return {
    bucket: toBucket(toFields(s3.bucket, 'the bucket')),
    key: toKeyText(decodeKey(toText(object.key, 'the key'))),
    ...toVersion(object.versionId),
    ...toHappenedAt(record.eventTime),
  };
}

/**
 * In records a key is encoded like a form field, so that `+` is a space and `%2B` is a plus. Decoded once,
 * here.
 */
function decodeKey(encoded: string): string {
  // Keys of uploads have nothing to decode.
  if (!/[%+]/.test(encoded)) return encoded;
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    throw new MalformedNotification('the key is not URL-encoded UTF-8');
  }
}

export function toBucket(bucket: Fields): string {
  return toText(bucket.name, 'the bucket name');
}

/** S3 allows keys of 1 to 1024 bytes of UTF-8. */
export function toKeyText(key: string): string {
  if (!key.isWellFormed()) throw new MalformedNotification('the key is not UTF-8');
  if (hasMoreBytes(key, KEY_MAX_BYTES)) throw new MalformedNotification('the key is longer than 1024 bytes');
  return key;
}

/** The time of an event; one that cannot be read is none, since only a measure is made of it. */
export function toHappenedAt(time: unknown): Pick<Arrival, 'happenedAt'> {
  const happenedAt = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isFinite(happenedAt) ? { happenedAt } : {};
}

/**
 * The version that an event names. Some stores write null or nothing where a bucket keeps none (versitygw,
 * MinIO).
 */
export function toVersion(versionId: unknown): Pick<Arrival, 'versionId'> {
  if (versionId === undefined || versionId === null || versionId === '') return {};
  return { versionId: toText(versionId, 'the version id') };
}
