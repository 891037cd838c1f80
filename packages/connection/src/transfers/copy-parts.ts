import {
  type CompletedPart,
  type S3Client,
  UploadPartCopyCommand,
  type UploadPartCopyCommandInput,
} from '@aws-sdk/client-s3';
import type { ByteRange } from './byte-range.ts';
import { requireETag } from './etag.ts';
import type { ObjectName } from './source-object.ts';
import { forEach } from './workers.ts';

/** An object as the source of a copy: this version of it, where one is named. */
export function toCopySource({ bucket, key, versionId }: ObjectName): string {
  // Else the key could not be told from the name of an access point.
  const place = bucket.startsWith('arn:') ? `${bucket}/object` : bucket;
  const path = `${place}/${key}`.split('/').map(encodeURIComponent).join('/');
  return versionId === undefined ? path : `${path}?versionId=${encodeURIComponent(versionId)}`;
}

/** Ranges of one object on their way into a multipart upload. */
export type PartCopies = {
  readonly client: S3Client;
  /** from where and into which upload, and whatever else is the same for every part */
  readonly input: Omit<UploadPartCopyCommandInput, 'PartNumber' | 'CopySourceRange'>;
  /** The part of each is the next after its index. */
  readonly ranges: readonly ByteRange[];
  readonly concurrency: number;
  readonly signal: AbortSignal | undefined;
  /** Hears of each part that is there. */
  readonly onCopied: (part: CompletedPart, range: ByteRange) => void;
};

/**
 * Copies ranges inside S3, some at a time. Once one has failed, or the signal aborts, no other is begun, and
 * the first failure is thrown when those under way have stopped.
 */
export async function copyParts(copies: PartCopies): Promise<void> {
  const { client, input, ranges, concurrency, signal, onCopied } = copies;
  await forEach(ranges, concurrency, signal, async (range, stop) => {
    const PartNumber = range.index + 1;
    const { CopyPartResult = {} } = await client.send(
      new UploadPartCopyCommand({
        ...input,
        PartNumber,
        CopySourceRange: `bytes=${range.first}-${range.last}`,
      }),
      { abortSignal: stop },
    );
    onCopied({ ...toCompletedPart(CopyPartResult), PartNumber }, range);
  });
}

/**
 * What the completion of an upload is to say of a part. Throws `ResponseStreamingError` where S3 does not say
 * what it has now.
 */
export function toCompletedPart(part: CompletedPart): CompletedPart {
  const checksums = Object.entries(part).filter(([name, value]) => name.startsWith('Checksum') && value);
  return { ...Object.fromEntries(checksums), ETag: requireETag(part.ETag, 'the copy of a part') };
}
