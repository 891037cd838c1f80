import {
  GetObjectAttributesCommand,
  type GetObjectAttributesCommandOutput,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { ResponseStreamingError } from '../errors/answer.ts';
import type { ConnectionError } from '../errors/connection-error.ts';
import { NotFoundError } from '../errors/service.ts';
import { markerIfTruncated, readPages } from '../pages.ts';
import { type StoredChecksum, storedChecksum } from './checksum.ts';
import { bareETag, requireETag } from './etag.ts';
import { type ReadParams, toReadInput } from './params.ts';

/** Names one object, or one version of it. */
export type ObjectName = {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
};

/** An object about to be read, pinned: every read demands this ETag. */
export type SourceObject = {
  readonly name: ObjectName;
  readonly bytes: number;
  readonly etag: string;
  readonly checksum: StoredChecksum | undefined;
  /** Sizes of its parts in order; empty when not needed to understand the checksum. */
  readonly partBytes: readonly number[];
  readonly head: HeadObjectCommandOutput;
  /** What goes with every call about it besides its name. */
  readonly params: ReadParams;
};

/** The parameters that name an object in every call. */
export function toInput({ bucket, key, versionId }: ObjectName) {
  return { Bucket: bucket, Key: key, ...(versionId !== undefined && { VersionId: versionId }) };
}

/**
 * Looks an object up; what the answer to the HEAD leaves out is taken from a GET, since a size that is not
 * known is not zero. When its checksum is one of checksums, its parts' sizes are looked up as well; where
 * that is not allowed, or not supported, the checksum is dropped, since it could not be compared with
 * anything. So it is when answers are not to be validated (`responseChecksumValidation`).
 *
 * Throws `ResponseStreamingError` when there is no ETag or no size.
 */
export async function describeSource(
  client: S3Client,
  name: ObjectName,
  signal: AbortSignal | undefined,
  params: ReadParams = {},
): Promise<SourceObject> {
  const object = { ...toInput(name), ...toReadInput(params) };
  const call = signal ? { abortSignal: signal } : {};
  const validates = (await client.config.responseChecksumValidation()) === 'WHEN_SUPPORTED';
  const mode = validates ? { ChecksumMode: 'ENABLED' as const } : {};
  const head = await client
    .send(new HeadObjectCommand({ ...object, ...mode }), call)
    .catch((error: unknown) => {
      throw named(classify(error), name);
    });
  const etag = requireETag(head.ETag, `the HEAD of s3://${name.bucket}/${name.key}`);
  const bytes = isPlainSize(head) ? head.ContentLength : await askForSize(client, object, etag, call);
  const checksum = validates ? storedChecksum(head) : undefined;
  const isOfBytes = checksum === undefined || checksum.over === 'bytes';
  const partBytes = isOfBytes ? [] : await readPartSizes(client, object, signal).catch(() => []);
  signal?.throwIfAborted();
  const isComparable = isOfBytes || (partBytes.length > 0 && sum(partBytes) === bytes);
  return {
    name,
    bytes,
    etag,
    checksum: isComparable ? checksum : undefined,
    partBytes,
    head,
    params,
  };
}

type ObjectInput = ReturnType<typeof toInput> & ReturnType<typeof toReadInput>;

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}

/** The MD5 of nothing. */
const EMPTY = 'd41d8cd98f00b204e9800998ecf8427e';

/** Zero is what some make of a length that they do not know; the ETag of an empty object confirms it. */
function isPlainSize(
  head: HeadObjectCommandOutput,
): head is HeadObjectCommandOutput & { ContentLength: number } {
  const { ContentLength: bytes, ETag = '' } = head;
  return bytes !== undefined && (bytes > 0 || bareETag(ETag) === EMPTY);
}

/** The size that the object itself comes with. Its bytes are not read. */
async function askForSize(
  client: S3Client,
  object: ObjectInput,
  etag: string,
  call: { readonly abortSignal?: AbortSignal },
): Promise<number> {
  const { Body, ContentLength } = await client.send(new GetObjectCommand({ ...object, IfMatch: etag }), call);
  if (Body !== undefined && 'destroy' in Body) Body.destroy();
  if (ContentLength !== undefined) return ContentLength;
  throw new ResponseStreamingError({
    message: `neither HEAD nor GET says how long s3://${object.Bucket}/${object.Key} is`,
  });
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
  object: ObjectInput,
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const sizes: number[] = [];
  const pages = readPages<GetObjectAttributesCommandOutput>(
    (marker) =>
      client.send(
        new GetObjectAttributesCommand({
          ...object,
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
