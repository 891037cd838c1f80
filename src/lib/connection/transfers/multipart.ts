import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type Part,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { ChecksumMismatchError } from '../errors/checksum-mismatch-error.ts';
import { NotFoundError } from '../errors/not-found-error.ts';
import { ResponseStreamingError } from '../errors/response-streaming-error.ts';
import { compositeCrc32 } from './checksum.ts';
import { bareETag, requireETag } from './etag.ts';
import { listParts } from './list-parts.ts';
import type { SourcePart } from './part-source.ts';
import type { UploadRequest, UploadResult } from './upload.ts';

/** One multipart upload under way. */
export interface Multipart {
  readonly id: string;
  /** Sends a part, unless S3 has the very same one already. */
  readonly sendPart: (part: SourcePart, checksum: PartChecksum, call: CallOptions) => Promise<void>;
  /** Makes the object. Safe when the answer to an earlier attempt was lost. */
  readonly complete: (signal: AbortSignal | undefined) => Promise<UploadResult>;
  readonly abort: () => Promise<void>;
}

interface PartChecksum {
  readonly ChecksumCRC32?: string;
}

interface CallOptions {
  readonly abortSignal?: AbortSignal;
  readonly requestTimeout?: number;
}

type Target = Pick<UploadRequest, 'client' | 'bucket' | 'key' | 'params'>;

/** Begins a multipart upload. */
export async function createMultipart(target: Target): Promise<Multipart> {
  const { client, bucket, key, params: { IfNoneMatch: _atTheEnd, ...params } = {} } = target;
  const hasChecksums = (await client.config.requestChecksumCalculation()) === 'WHEN_SUPPORTED';
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({
      ...params,
      ...(hasChecksums && { ChecksumAlgorithm: 'CRC32' }),
      Bucket: bucket,
      Key: key,
    }),
  );
  if (!UploadId) throw new ResponseStreamingError({ message: 'an upload was begun without an id' });
  return multipart(target, UploadId, new Map());
}

/** Takes up a multipart upload that was left behind. */
export async function resumeMultipart(
  target: Target,
  uploadId: string,
  signal: AbortSignal | undefined,
): Promise<Multipart> {
  const { client, bucket, key } = target;
  const present = new Map<number, Part>();
  for await (const part of listParts(client, { Bucket: bucket, Key: key, UploadId: uploadId }, signal)) {
    present.set(part.PartNumber ?? 0, part);
  }
  return multipart(target, uploadId, present);
}

function multipart(target: Target, id: string, present: ReadonlyMap<number, Part>): Multipart {
  const { client, bucket, key, params = {} } = target;
  const names = { Bucket: bucket, Key: key, UploadId: id };
  const done = new Map<number, CompletedPart>();
  let bytes = 0;

  return {
    id,
    async sendPart(part, checksum, call) {
      const known = present.get(part.number);
      const answer =
        known && isSame(known, part, checksum)
          ? known
          : await client.send(
              new UploadPartCommand({ ...names, ...checksum, PartNumber: part.number, Body: part.bytes }),
              call,
            );
      const etag = requireETag(answer.ETag, `part ${part.number}`);
      done.set(part.number, { PartNumber: part.number, ETag: etag, ...checksum });
      bytes += part.bytes.length;
    },
    async complete(signal) {
      const parts = [...done.values()].sort((one, other) => (one.PartNumber ?? 0) - (other.PartNumber ?? 0));
      const command = new CompleteMultipartUploadCommand({
        ...names,
        MultipartUpload: { Parts: parts },
        MpuObjectSize: bytes,
        ...(params.IfNoneMatch !== undefined && { IfNoneMatch: params.IfNoneMatch }),
      });
      const sent = client.send(command, signal ? { abortSignal: signal } : {}).then((said) => {
        requireETag(said.ETag, 'the completion');
        return said;
      });
      const answer = await sent.catch((error: unknown) => findCompleted(target, parts, error));
      refuseOtherChecksum(parts, answer.ChecksumCRC32);
      return {
        etag: requireETag(answer.ETag, 'the completion'),
        versionId: answer.VersionId,
        bytes,
        parts: parts.length,
      };
    },
    async abort() {
      await client.send(new AbortMultipartUploadCommand(names));
    },
  };
}

function isSame(known: Part, { bytes }: SourcePart, { ChecksumCRC32 }: PartChecksum): boolean {
  if (known.Size !== bytes.length) return false;
  if (known.ChecksumCRC32 !== undefined) return known.ChecksumCRC32 === ChecksumCRC32;
  // Without a checksum there is the ETag, which is the MD5 except under KMS; then the part is just sent again.
  return bareETag(known.ETag ?? '') === createHash('md5').update(bytes).digest('hex');
}

/**
 * The upload is gone, or the answer says too little: either it was never completed, or it was and the answer got lost on the way. The object's ETag tells,
 * since it is made from those of the parts. Anything else is thrown as it came.
 */
async function findCompleted(
  { client, bucket, key }: Target,
  parts: readonly CompletedPart[],
  error: unknown,
) {
  if (!(error instanceof ResponseStreamingError || classify(error) instanceof NotFoundError)) throw error;
  const digests = parts.map(({ ETag = '' }) => Buffer.from(bareETag(ETag), 'hex'));
  const expected = `${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${parts.length}`;
  const stored = await client
    .send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }))
    .catch(() => undefined);
  if (stored === undefined || bareETag(stored.ETag ?? '') !== expected) throw error;
  return stored;
}

function refuseOtherChecksum(parts: readonly CompletedPart[], stored: string | undefined): void {
  const checksums = parts.flatMap(({ ChecksumCRC32 }) => ChecksumCRC32 ?? []);
  // A store that was given no checksums, or keeps none, has nothing to compare.
  if (stored === undefined || checksums.length < parts.length || !stored.includes('-')) return;
  const expected = compositeCrc32(checksums);
  if (stored !== expected) {
    throw new ChecksumMismatchError({
      message: `S3 made an object with CRC32 ${stored}, sent was ${expected}`,
    });
  }
}
