import {
  GetObjectAttributesCommand,
  type GetObjectAttributesCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import type { ConnectionError } from '../errors/connection-error.ts';
import { NotFoundError } from '../errors/not-found-error.ts';
import { markerIfTruncated, readPages } from '../pages.ts';
import { type StoredChecksum, storedChecksum } from './checksum.ts';

/** Names one object, or one version of it. */
export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}

/** An object about to be read, pinned: every read demands this ETag. */
export interface SourceObject {
  readonly name: ObjectName;
  readonly bytes: number;
  readonly etag: string;
  readonly checksum: StoredChecksum | undefined;
  /** Sizes of its parts in order; empty when not needed to understand the checksum. */
  readonly partBytes: readonly number[];
  readonly head: HeadObjectCommandOutput;
}

/** The parameters that name an object in every call. */
export function toInput({ bucket, key, versionId }: ObjectName) {
  return { Bucket: bucket, Key: key, ...(versionId !== undefined && { VersionId: versionId }) };
}

/**
 * Looks an object up. When its checksum is one of checksums, its parts' sizes are looked up as well; where that is not
 * allowed, or not supported, the checksum is dropped, since it could not be compared with anything.
 */
export async function describeSource(
  client: S3Client,
  name: ObjectName,
  signal: AbortSignal | undefined,
): Promise<SourceObject> {
  const call = signal ? { abortSignal: signal } : {};
  const head = await client
    .send(new HeadObjectCommand({ ...toInput(name), ChecksumMode: 'ENABLED' }), call)
    .catch((error: unknown) => {
      throw named(classify(error), name);
    });
  const checksum = storedChecksum(head);
  const isComposite = checksum?.value.includes('-') === true;
  const partBytes = isComposite ? await readPartSizes(client, name, signal).catch(() => []) : [];
  signal?.throwIfAborted();
  const bytes = head.ContentLength ?? 0;
  const isComparable = !isComposite || partBytes.reduce((sum, size) => sum + size, 0) === bytes;
  return {
    name,
    bytes,
    etag: head.ETag ?? '',
    checksum: isComparable ? checksum : undefined,
    partBytes,
    head,
  };
}

/** The answer to a HEAD has no body, so it does not say what is missing. */
function named(error: ConnectionError, { bucket, key }: ObjectName): ConnectionError {
  if (!(error instanceof NotFoundError)) return error;
  const { httpStatus, requestId, serviceCode } = error;
  const message = `there is no s3://${bucket}/${key}`;
  return new NotFoundError({ message, cause: error, httpStatus, requestId, serviceCode });
}

async function readPartSizes(
  client: S3Client,
  name: ObjectName,
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const sizes: number[] = [];
  const pages = readPages<GetObjectAttributesCommandOutput>(
    (marker) =>
      client.send(
        new GetObjectAttributesCommand({
          ...toInput(name),
          ObjectAttributes: ['ObjectParts'],
          ...(marker !== undefined && { PartNumberMarker: marker }),
        }),
        signal ? { abortSignal: signal } : {},
      ),
    ({ ObjectParts }) => markerIfTruncated(ObjectParts?.IsTruncated, ObjectParts?.NextPartNumberMarker),
    signal,
  );
  for await (const { ObjectParts } of pages) {
    sizes.push(...(ObjectParts?.Parts ?? []).map(({ Size = 0 }) => Size));
  }
  return sizes;
}
