import type { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { quotedETag } from '@sluice/connection/transfers/etag';
import type { ScannedObject } from '@sluice/contract/scan';
import { ObjectChanged, UnbelievableAnswer } from '../upload/faults.ts';
import { statusOf } from './failures.ts';
import { checkRead } from './object-answers.ts';

/** An object that a scanner was asked about: the very bytes of that request, whatever was written since. */
export type ScannedBytes = {
  /** exactly these bytes */
  readonly read: (range: { readonly start: number; readonly length: number }) => Promise<Uint8Array>;
  /** the bytes from `start` to `end` (exclusive), in order */
  readonly stream: (start?: number, end?: number) => AsyncIterable<Uint8Array>;
};

/** A scanner was asked about a bucket that is none of this deployment's. */
export class ForeignBucket extends Error {
  override readonly name = 'ForeignBucket';
  constructor(bucket: string) {
    super(`the bucket ${bucket} is none of this deployment's`);
  }
}

/**
 * Opens objects for scanners, pinned to the version and the ETag that were asked about.
 * @throws ForeignBucket
 */
export function createScannedObjects(s3: S3Client, buckets: readonly string[]) {
  return (object: ScannedObject & { readonly size: number }, signal: AbortSignal): ScannedBytes => {
    if (!buckets.includes(object.bucket)) throw new ForeignBucket(object.bucket);
    const open = (start: number, end: number) => openRange(s3, object, start, end, signal);
    return {
      async read({ start, length }) {
        if (length === 0) return new Uint8Array();
        const chunks: Uint8Array[] = [];
        for await (const chunk of open(start, start + length)) chunks.push(chunk);
        return Buffer.concat(chunks);
      },
      stream: (start = 0, end = object.size) => open(start, end),
    };
  };
}

/**
 * Some bytes of an object, all of them or a fault: fewer bytes than were asked for could hide what the rest
 * has.
 */
async function* openRange(
  s3: S3Client,
  { bucket, key, versionId, etag, size }: ScannedObject & { readonly size: number },
  start: number,
  end: number,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const wanted = end - start;
  if (wanted <= 0) return;
  const answer = await s3
    .send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        IfMatch: quotedETag(etag),
        ...(versionId !== undefined && { VersionId: versionId }),
        ...(wanted < size && { Range: `bytes=${start}-${end - 1}` }),
      }),
      { abortSignal: signal },
    )
    .catch((error: unknown) => {
      throw statusOf(error) === 412 || statusOf(error) === 404 ? new ObjectChanged('being scanned') : error;
    });
  const body = answer.Body as Readable | undefined; // always a stream of Node's in Node: the type also covers browsers
  try {
    if (body === undefined) throw new UnbelievableAnswer('an object without a body');
    const from = checkRead(answer, { etag, size });
    if (from > start) throw new UnbelievableAnswer(`bytes from ${from} on instead of ${start}`);
    // A store that ignores Range sends the whole object: pass over what comes before, and hang up after.
    let skip = start - from;
    let read = 0;
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      const kept = chunk.subarray(Math.min(skip, chunk.length)).subarray(0, wanted - read);
      skip -= Math.min(skip, chunk.length);
      read += kept.length;
      if (kept.length > 0) yield kept;
      if (read === wanted) break;
    }
    if (read < wanted) throw new UnbelievableAnswer(`${read} bytes instead of ${wanted}`);
  } finally {
    body?.destroy();
  }
}
