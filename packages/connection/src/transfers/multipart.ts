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
import { ChecksumMismatchError, ResponseStreamingError } from '../errors/answer.ts';
import { NotFoundError } from '../errors/service.ts';
import { type Bandwidth, paceCommand } from './bandwidth.ts';
import { type ChecksumValues, compositeOf } from './checksum.ts';
import type { ChecksumAlgorithm } from './checksum-algorithms.ts';
import { bareETag, requireETag } from './etag.ts';
import { listParts } from './list-parts.ts';
import { type ObjectParams, toBucketInput, toObjectInput, toReadInput } from './params.ts';
import type { SourcePart } from './part-source.ts';
import type { UploadRequest, UploadResult } from './upload-request.ts';

/** One multipart upload under way. */
export type Multipart = {
  readonly id: string;
  /** Sends a part, unless S3 has the very same one already. */
  readonly sendPart: (part: SourcePart, checksum: ChecksumValues, call: PartCall) => Promise<void>;
  /** Makes the object. Safe when the answer to an earlier attempt was lost. */
  readonly complete: (signal: AbortSignal | undefined) => Promise<UploadResult>;
  readonly abort: () => Promise<void>;
};

type PartCall = {
  readonly abortSignal?: AbortSignal;
  readonly requestTimeout?: number;
  readonly bandwidth: Bandwidth | undefined;
};

/** Where an upload goes, and with what. */
export type UploadTarget = Pick<UploadRequest, 'client' | 'bucket' | 'key' | 'params' | 'checksumAlgorithm'>;

/** By what the bytes of an upload are checked; undefined where they are not. */
export async function algorithmOf({
  client,
  checksumAlgorithm,
  params = {},
}: UploadTarget): Promise<ChecksumAlgorithm | undefined> {
  if (checksumAlgorithm !== undefined) return checksumAlgorithm;
  // S3 locks no object that came without one.
  if (isLocked(params)) return 'CRC32';
  return (await client.config.requestChecksumCalculation()) === 'WHEN_SUPPORTED' ? 'CRC32' : undefined;
}

/** Whether the object is to be locked, for which S3 wants to hear by name how its bytes are checked. */
export function isLocked({ ObjectLockMode, ObjectLockLegalHoldStatus }: ObjectParams): boolean {
  return ObjectLockMode !== undefined || ObjectLockLegalHoldStatus !== undefined;
}

/** Begins a multipart upload. */
export async function createMultipart(target: UploadTarget): Promise<Multipart> {
  const { client, bucket, key, params: { IfNoneMatch: _atTheEnd, ...params } = {} } = target;
  const algorithm = await algorithmOf(target);
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({
      ...toObjectInput(params),
      ...(algorithm && { ChecksumAlgorithm: algorithm }),
      Bucket: bucket,
      Key: key,
    }),
  );
  if (!UploadId) throw new ResponseStreamingError({ message: 'an upload was begun without an id' });
  return multipart(target, UploadId, new Map(), algorithm);
}

/** Takes up a multipart upload that was left behind. */
export async function resumeMultipart(
  target: UploadTarget,
  uploadId: string,
  signal: AbortSignal | undefined,
): Promise<Multipart> {
  const { client, bucket, key, params = {} } = target;
  const upload = { Bucket: bucket, Key: key, UploadId: uploadId, ...toReadInput(params) };
  const present = new Map<number, Part>();
  for await (const part of listParts(client, upload, signal)) {
    present.set(part.PartNumber ?? 0, part);
  }
  return multipart(target, uploadId, present, await algorithmOf(target));
}

function multipart(
  target: UploadTarget,
  id: string,
  present: ReadonlyMap<number, Part>,
  algorithm: ChecksumAlgorithm | undefined,
): Multipart {
  const { client, bucket, key, params = {} } = target;
  const upload = { Bucket: bucket, Key: key, UploadId: id };
  const names = { ...upload, ...toReadInput(params) };
  const done = new Map<number, CompletedPart>();
  let bytes = 0;

  return {
    id,
    async sendPart(part, checksum, { bandwidth, ...call }) {
      const known = present.get(part.number);
      const send = () => {
        const command = new UploadPartCommand({
          ...names,
          ...checksum,
          ...(isLocked(params) && algorithm && { ChecksumAlgorithm: algorithm }),
          PartNumber: part.number,
          Body: part.bytes,
        });
        if (bandwidth) paceCommand(command, bandwidth, call.abortSignal);
        return client.send(command, call);
      };
      const answer = known && isSame(known, part, checksum, algorithm) ? known : await send();
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
      const answer = await sent.catch((error: unknown) =>
        findCompleted(target, { parts, bytes, algorithm }, error),
      );
      await refuseOtherChecksum(parts, answer, algorithm);
      return {
        etag: requireETag(answer.ETag, 'the completion'),
        versionId: answer.VersionId,
        bytes,
        parts: parts.length,
      };
    },
    async abort() {
      await client.send(new AbortMultipartUploadCommand({ ...upload, ...toBucketInput(params) }));
    },
  };
}

function isSame(
  known: Part,
  { bytes }: SourcePart,
  checksum: ChecksumValues,
  algorithm: ChecksumAlgorithm = 'CRC32',
): boolean {
  if (known.Size !== bytes.length) return false;
  const stored = known[`Checksum${algorithm}`];
  if (stored) return stored === checksum[`Checksum${algorithm}`];
  // Without a checksum there is the ETag, which is the MD5 except under KMS; then the part is just sent
  // again.
  return bareETag(known.ETag ?? '') === createHash('md5').update(bytes).digest('hex');
}

type SentParts = {
  readonly parts: readonly CompletedPart[];
  readonly bytes: number;
  readonly algorithm: ChecksumAlgorithm | undefined;
};

/**
 * The upload is gone, or the answer says too little: either it was never completed, or it was and the answer
 * got lost on the way. The object tells: its ETag is made from those of the parts, and where it is not
 * (SSE-C, KMS) its checksum is. Anything else is thrown as it came.
 */
async function findCompleted(
  { client, bucket, key, params = {} }: UploadTarget,
  { parts, bytes, algorithm }: SentParts,
  error: unknown,
) {
  if (!(error instanceof ResponseStreamingError || classify(error) instanceof NotFoundError)) throw error;
  const digests = parts.map(({ ETag = '' }) => Buffer.from(bareETag(ETag), 'hex'));
  const expected = `${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${parts.length}`;
  const object = { Bucket: bucket, Key: key, ...toReadInput(params) };
  const stored = await client
    .send(new HeadObjectCommand({ ...object, ChecksumMode: 'ENABLED' }))
    .catch(() => undefined);
  if (stored === undefined) throw error;
  if (bareETag(stored.ETag ?? '') === expected) return stored;
  const field = `Checksum${algorithm ?? 'CRC32'}` as const;
  const composite =
    algorithm &&
    (await compositeOf(
      algorithm,
      parts.map((part) => part[field] ?? ''),
    ));
  if (stored.ContentLength !== bytes || composite === undefined || stored[field] !== composite) throw error;
  return stored;
}

async function refuseOtherChecksum(
  parts: readonly CompletedPart[],
  answer: ChecksumValues,
  algorithm: ChecksumAlgorithm | undefined,
): Promise<void> {
  const field = `Checksum${algorithm ?? 'CRC32'}` as const;
  const stored = answer[field];
  const checksums = parts.flatMap((part) => part[field] ?? []);
  // A store that was given no checksums, or keeps none, has nothing to compare.
  if (algorithm === undefined || !stored || checksums.length < parts.length || !stored.includes('-')) return;
  const expected = await compositeOf(algorithm, checksums);
  if (stored !== expected) {
    throw new ChecksumMismatchError({
      message: `S3 made an object with ${algorithm} ${stored}, sent was ${expected}`,
    });
  }
}
