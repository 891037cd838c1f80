import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectTaggingCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { ResponseStreamingError } from '../errors/answer.ts';
import { UploadFailedError } from '../errors/operation.ts';
import { toRanges } from './byte-range.ts';
import { requireETag } from './etag.ts';
import { MAX_PART_BYTES, planParts, type TransferOptions, type TransferPlan } from './options.ts';
import { describeSource, type ObjectName, type SourceObject, toInput } from './source-object.ts';
import { forEach } from './workers.ts';

/** One copy inside S3; no byte passes through this process. */
export type CopyRequest = TransferOptions & {
  readonly client: S3Client;
  readonly source: ObjectName;
  readonly target: { readonly bucket: string; readonly key: string };
};

/** What came of a copy. */
export type CopyResult = {
  readonly etag: string;
  readonly versionId: string | undefined;
  readonly bytes: number;
  /** 1 for a plain copy. */
  readonly parts: number;
};

const COPY_PART_BYTES = 128 * 2 ** 20;

/**
 * Copies an object with its metadata and tags; by parts above 5 GiB, the most one copy can do. The source must stay the same
 * meanwhile (`x-amz-copy-source-if-match`).
 *
 * Unlike boto3 it does not begin at 8 MiB: a single copy is atomic, and no byte travels that parts could speed up.
 * Throws `UploadFailedError`.
 */
export async function copyObject(request: CopyRequest): Promise<CopyResult> {
  const { client, target } = request;
  try {
    const source = await describeSource(client, request.source, request.signal);
    const options = { thresholdBytes: MAX_PART_BYTES + 1, partBytes: COPY_PART_BYTES, ...request };
    const plan = planParts(options, source.bytes);
    return source.bytes < plan.thresholdBytes
      ? await copyWhole(request, source, plan)
      : await copyParts(request, source, plan);
  } catch (error) {
    if (error instanceof UploadFailedError) throw error;
    throw new UploadFailedError({ ...target, uploadId: undefined, cause: classify(error) });
  }
}

async function copyWhole(
  { client, target }: CopyRequest,
  source: SourceObject,
  plan: TransferPlan,
): Promise<CopyResult> {
  const { CopyObjectResult, VersionId } = await client.send(
    new CopyObjectCommand({ ...toInput(target), ...copySource(source) }),
    plan.signal ? { abortSignal: plan.signal } : {},
  );
  const etag = requireETag(CopyObjectResult?.ETag, 'the copy');
  plan.advance(source.bytes);
  return { etag, versionId: VersionId, bytes: source.bytes, parts: 1 };
}

async function copyParts(
  { client, target }: CopyRequest,
  source: SourceObject,
  plan: TransferPlan,
): Promise<CopyResult> {
  const kept = await keptParams(client, source);
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...kept, ...toInput(target) }));
  if (!UploadId) throw new ResponseStreamingError({ message: 'an upload was begun without an id' });
  const names = { ...toInput(target), UploadId };
  try {
    const ranges = toRanges(source.bytes, plan.partBytes);
    const parts: CompletedPart[] = [];
    await forEach(ranges, plan.concurrency, plan.signal, async ({ index, first, last }, signal) => {
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({
          ...names,
          ...copySource(source),
          PartNumber: index + 1,
          CopySourceRange: `bytes=${first}-${last}`,
        }),
        { abortSignal: signal },
      );
      parts[index] = { PartNumber: index + 1, ETag: requireETag(CopyPartResult?.ETag, 'the copy of a part') };
      plan.advance(last - first + 1);
    });
    const { ETag, VersionId } = await client.send(
      new CompleteMultipartUploadCommand({
        ...names,
        MultipartUpload: { Parts: parts },
        MpuObjectSize: source.bytes,
      }),
    );
    return {
      etag: requireETag(ETag, 'the completion'),
      versionId: VersionId,
      bytes: source.bytes,
      parts: parts.length,
    };
  } catch (error) {
    const cause = classify(error);
    const isGone = await client.send(new AbortMultipartUploadCommand(names)).then(
      () => true,
      () => false,
    );
    throw new UploadFailedError({ ...target, uploadId: isGone ? undefined : UploadId, cause });
  }
}

function copySource({ name, etag }: SourceObject) {
  const path = [name.bucket, ...name.key.split('/')].map(encodeURIComponent).join('/');
  return {
    CopySource:
      name.versionId === undefined ? path : `${path}?versionId=${encodeURIComponent(name.versionId)}`,
    CopySourceIfMatch: etag,
  };
}

/** What a plain copy takes along by itself, and one by parts does not. */
async function keptParams(client: S3Client, { name, head }: SourceObject) {
  const { TagSet: tags = [] } = await client.send(new GetObjectTaggingCommand(toInput(name)));
  const tagging = new URLSearchParams(
    tags.map(({ Key = '', Value = '' }): [string, string] => [Key, Value]),
  ).toString();
  const { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType, Metadata } = head;
  return {
    CacheControl,
    ContentDisposition,
    ContentEncoding,
    ContentLanguage,
    ContentType,
    Metadata,
    ...(tagging !== '' && { Tagging: tagging }),
  };
}
