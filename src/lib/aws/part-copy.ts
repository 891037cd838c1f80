import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  ListMultipartUploadsCommand,
  paginateListParts,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { CopyUnfinished, type ObjectFacts } from '../upload/ports.ts';
import { nameOf } from './failures.ts';

/** The most that one CopyObject takes. */
export const WHOLE_COPY_MAX_BYTES = 5 * 1024 ** 3;

const MiB = 1024 ** 2;
const MAX_PARTS = 10_000;
const LEAST_PART_BYTES = 128 * MiB;
const AT_ONCE = 16;

export type PartCopy = {
  readonly source: { readonly bucket: string; readonly key: string; readonly facts: ObjectFacts };
  /** where to, and the headers of the copy */
  readonly target: CreateMultipartUploadCommandInput & { readonly Bucket: string; readonly Key: string };
};

/**
 * Copies an object of any size inside S3, many parts at a time. A copy that died or ran out of time is taken up where
 * it stopped: the parts that S3 holds of it are not copied again.
 * @throws CopyUnfinished when `signal` aborts after at least one more part was copied; call again to go on
 */
export const copyByParts = async (s3: S3Client, copy: PartCopy, signal: AbortSignal) => {
  const { source, target } = copy;
  const partBytes = Math.max(LEAST_PART_BYTES, Math.ceil(source.facts.size / MAX_PARTS / MiB) * MiB);
  const partCount = Math.ceil(source.facts.size / partBytes);
  const names = { Bucket: target.Bucket, Key: target.Key };
  const UploadId = (await findUnfinished(s3, copy)) ?? (await begin(s3, target));
  const done = await listDone(s3, { ...names, UploadId });

  const waiting = Array.from({ length: partCount }, (_, index) => index + 1).filter(
    (number) => !done.has(number),
  );
  const before = done.size;
  const worker = async () => {
    for (let number = waiting.shift(); number !== undefined && !signal.aborted; number = waiting.shift()) {
      const end = Math.min(number * partBytes, source.facts.size) - 1;
      const { CopyPartResult } = await s3.send(
        new UploadPartCopyCommand({
          ...names,
          UploadId,
          PartNumber: number,
          CopySource: `${source.bucket}/${encodeURIComponent(source.key)}`,
          CopySourceIfMatch: source.facts.etag,
          CopySourceRange: `bytes=${(number - 1) * partBytes}-${end}`,
        }),
        { abortSignal: signal },
      );
      done.set(number, { PartNumber: number, ...toCompleted(CopyPartResult ?? {}) });
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (done.size < partCount) {
    // Without progress the next run would fare no better: a fault, which the queue counts.
    if (done.size === before) throw new Error('not one part was copied in the time there was');
    throw new CopyUnfinished(done.size, partCount);
  }
  const Parts = [...done.values()].sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0));
  return s3.send(new CompleteMultipartUploadCommand({ ...names, UploadId, MultipartUpload: { Parts } }));
};

const begin = async (s3: S3Client, target: CreateMultipartUploadCommandInput): Promise<string> => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
  if (UploadId === undefined) throw new Error('S3 began a multipart upload without naming it');
  return UploadId;
};

/**
 * An earlier run's copy of these very bytes. One that was begun before the source was last written may hold parts of
 * other bytes: it is given up. Times have whole seconds, so one begun in the same second is given up as well.
 */
const findUnfinished = async (s3: S3Client, { source, target }: PartCopy): Promise<string | undefined> => {
  const names = { Bucket: target.Bucket, Key: target.Key };
  let found: string | undefined;
  // One page: only runs that died leave such uploads, and the bucket's lifecycle removes them.
  const { Uploads = [] } = await s3.send(
    new ListMultipartUploadsCommand({ Bucket: target.Bucket, Prefix: target.Key }),
  );
  for (const { Key, UploadId, Initiated } of Uploads) {
    if (Key !== target.Key || UploadId === undefined) continue;
    const isOfTheseBytes = (Initiated?.getTime() ?? 0) >= source.facts.modifiedAt + 1_000;
    if (isOfTheseBytes && found === undefined) found = UploadId;
    else await s3.send(new AbortMultipartUploadCommand({ ...names, UploadId })).catch(ignoreUnknown);
  }
  return found;
};

const ignoreUnknown = (error: unknown): void => {
  if (nameOf(error) !== 'NoSuchUpload') throw error;
};

const listDone = async (
  s3: S3Client,
  names: { readonly Bucket: string; readonly Key: string; readonly UploadId: string },
): Promise<Map<number, CompletedPart>> => {
  const done = new Map<number, CompletedPart>();
  for await (const { Parts = [] } of paginateListParts({ client: s3 }, names)) {
    for (const part of Parts) {
      if (part.PartNumber !== undefined) {
        done.set(part.PartNumber, { PartNumber: part.PartNumber, ...toCompleted(part) });
      }
    }
  }
  return done;
};

const toCompleted = ({
  ETag,
  ChecksumCRC64NVME,
  ChecksumCRC32,
  ChecksumCRC32C,
}: CompletedPart): CompletedPart => ({
  ETag,
  ...(ChecksumCRC64NVME && { ChecksumCRC64NVME }),
  ...(ChecksumCRC32 && { ChecksumCRC32 }),
  ...(ChecksumCRC32C && { ChecksumCRC32C }),
});
