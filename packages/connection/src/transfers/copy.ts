import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { ResponseStreamingError } from '../errors/answer.ts';
import { UploadFailedError } from '../errors/operation.ts';
import { ParamValidationError } from '../errors/settings.ts';
import { toRanges } from './byte-range.ts';
import type { ChecksumAlgorithm } from './checksum-algorithms.ts';
import { copyParts, toCopySource } from './copy-parts.ts';
import { requireETag } from './etag.ts';
import { MAX_PART_BYTES, planParts, type TransferOptions, type TransferPlan } from './options.ts';
import {
  type CopyParams,
  type ReadParams,
  toBucketInput,
  toCopySourceInput,
  toObjectInput,
  toReadInput,
} from './params.ts';
import { describeSource, type ObjectName, type SourceObject, toInput } from './source-object.ts';

/** One copy inside S3; no byte passes through this process. */
export type CopyRequest = TransferOptions & {
  /** Its keys have to be allowed to read the source and to write the target: S3 copies with them alone. */
  readonly client: S3Client;
  readonly source: ObjectName;
  /**
   * What the source is looked up with, when that takes the keys of another account or another region (boto3:
   * `SourceClient`). Default `client`.
   */
  readonly sourceClient?: S3Client;
  readonly target: { readonly bucket: string; readonly key: string };
  /**
   * What the copy has in place of what the source has. Metadata and headers need `MetadataDirective:
   * 'REPLACE'`, tags `TaggingDirective: 'REPLACE'`: S3 would ignore them without a word.
   */
  readonly params?: CopyParams;
  /** Which checksum S3 is to compute and to keep with the copy. Default: what the source has. */
  readonly checksumAlgorithm?: ChecksumAlgorithm;
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
 * Copies an object with its metadata and tags; by parts above 5 GiB, the most one copy can do. The source
 * must stay the same meanwhile (`x-amz-copy-source-if-match`).
 *
 * Unlike boto3 it does not begin at 8 MiB: a single copy is atomic, and no byte travels that parts could
 * speed up. Throws `UploadFailedError`.
 */
export async function copyObject(request: CopyRequest): Promise<CopyResult> {
  const { client, sourceClient = client, target, params = {} } = request;
  try {
    refuseIgnored(params);
    const source = await describeSource(sourceClient, request.source, request.signal, toSourceParams(params));
    const options = { thresholdBytes: MAX_PART_BYTES + 1, partBytes: COPY_PART_BYTES, ...request };
    const plan = planParts(options, source.bytes);
    return source.bytes < plan.thresholdBytes
      ? await copyWhole(request, source, plan)
      : await copyByParts(request, source, plan);
  } catch (error) {
    if (error instanceof UploadFailedError) throw error;
    throw new UploadFailedError({ ...target, uploadId: undefined, cause: classify(error) });
  }
}

/** What replaces what the source has, if S3 is told to. */
const OF_METADATA = [
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
  'ContentType',
  'Expires',
  'Metadata',
] as const;

function refuseIgnored(params: CopyParams): void {
  const ignored =
    params.MetadataDirective === 'REPLACE'
      ? undefined
      : OF_METADATA.find((field) => params[field] !== undefined);
  if (ignored !== undefined)
    throw new ParamValidationError({ message: `${ignored} is only taken with MetadataDirective: 'REPLACE'` });
  if (params.Tagging !== undefined && params.TaggingDirective !== 'REPLACE')
    throw new ParamValidationError({ message: "Tagging is only taken with TaggingDirective: 'REPLACE'" });
}

/** What a copy says of its source, as it is said when the source itself is read. */
function toSourceParams({
  RequestPayer,
  ExpectedSourceBucketOwner: ExpectedBucketOwner,
  CopySourceSSECustomerKey: SSECustomerKey,
}: CopyParams): ReadParams {
  return {
    ...(RequestPayer !== undefined && { RequestPayer }),
    ...(ExpectedBucketOwner !== undefined && { ExpectedBucketOwner }),
    ...(SSECustomerKey !== undefined && { SSECustomerKey }),
  };
}

async function copyWhole(
  { client, target, params = {}, checksumAlgorithm }: CopyRequest,
  source: SourceObject,
  plan: TransferPlan,
): Promise<CopyResult> {
  const { CopySourceSSECustomerKey: _key, ...kept } = params;
  const { CopyObjectResult, VersionId } = await client.send(
    new CopyObjectCommand({
      ...toObjectInput(kept),
      ...(checksumAlgorithm && { ChecksumAlgorithm: checksumAlgorithm }),
      ...toInput(target),
      ...copySource(source, params),
    }),
    plan.signal ? { abortSignal: plan.signal } : {},
  );
  const etag = requireETag(CopyObjectResult?.ETag, 'the copy');
  plan.advance(source.bytes);
  return { etag, versionId: VersionId, bytes: source.bytes, parts: 1 };
}

async function copyByParts(
  request: CopyRequest,
  source: SourceObject,
  plan: TransferPlan,
): Promise<CopyResult> {
  const { client, target, params = {}, checksumAlgorithm } = request;
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({
      ...(await paramsByParts(request, source)),
      ...(checksumAlgorithm && { ChecksumAlgorithm: checksumAlgorithm }),
      ...toInput(target),
    }),
  );
  if (!UploadId) throw new ResponseStreamingError({ message: 'an upload was begun without an id' });
  const upload = { ...toInput(target), UploadId };
  const names = { ...upload, ...toReadInput(params) };
  try {
    const ranges = toRanges(source.bytes, plan.partBytes);
    const parts: CompletedPart[] = [];
    await copyParts({
      client,
      input: { ...names, ...copySource(source, params) },
      ranges,
      concurrency: plan.concurrency,
      signal: plan.signal,
      onCopied(part, { index, first, last }) {
        // S3 takes the parts' checksums only where the copy is to have one of their algorithm.
        const { PartNumber, ETag } = part;
        parts[index] = checksumAlgorithm === undefined ? { PartNumber, ETag } : part;
        plan.advance(last - first + 1);
      },
    });
    const { ETag, VersionId } = await client.send(
      new CompleteMultipartUploadCommand({
        ...names,
        MultipartUpload: { Parts: parts },
        MpuObjectSize: source.bytes,
        ...(params.IfNoneMatch !== undefined && { IfNoneMatch: params.IfNoneMatch }),
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
    const isGone = await client
      .send(new AbortMultipartUploadCommand({ ...upload, ...toBucketInput(params) }))
      .then(
        () => true,
        () => false,
      );
    throw new UploadFailedError({ ...target, uploadId: isGone ? undefined : UploadId, cause });
  }
}

function copySource({ name, etag }: SourceObject, params: CopyParams) {
  return { CopySource: toCopySource(name), CopySourceIfMatch: etag, ...toCopySourceInput(params) };
}

/** What a copy by parts begins with: what was asked for, and what a plain copy would take along by itself. */
async function paramsByParts(request: CopyRequest, source: SourceObject) {
  const {
    MetadataDirective: metadata,
    TaggingDirective: tagging,
    CopySourceSSECustomerKey: _key,
    ExpectedSourceBucketOwner: _owner,
    IfNoneMatch: _atTheEnd,
    ...own
  } = request.params ?? {};
  return {
    ...(metadata !== 'REPLACE' && metadataOf(source)),
    ...(tagging !== 'REPLACE' && (await taggingOf(request.sourceClient ?? request.client, source))),
    ...toObjectInput(own),
  };
}

function metadataOf({ head }: SourceObject) {
  const { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType, Metadata } = head;
  const expires = Date.parse(head.ExpiresString ?? '');
  return {
    CacheControl,
    ContentDisposition,
    ContentEncoding,
    ContentLanguage,
    ContentType,
    Metadata,
    ...(!Number.isNaN(expires) && { Expires: new Date(expires) }),
  };
}

async function taggingOf(client: S3Client, { name, params }: SourceObject) {
  const { TagSet: tags = [] } = await client.send(
    new GetObjectTaggingCommand({ ...toInput(name), ...toBucketInput(params) }),
  );
  const tagging = new URLSearchParams(
    tags.map(({ Key = '', Value = '' }): [string, string] => [Key, Value]),
  ).toString();
  return tagging === '' ? {} : { Tagging: tagging };
}
