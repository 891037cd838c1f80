import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type ByteRange, toRanges } from '@sluice/connection/transfers/byte-range';
import { copyParts, toCompletedPart, toCopySource } from '@sluice/connection/transfers/copy-parts';
import { bareETag, quotedETag } from '@sluice/connection/transfers/etag';
import { listParts } from '@sluice/connection/transfers/list-parts';
import { CopyUnfinished, ObjectChanged, UnbelievableAnswer } from '../upload/faults.ts';
import type { ObjectFacts } from '../upload/ports.ts';
import { nameOf, statusOf } from './failures.ts';
import type { CopyAnswer } from './object-answers.ts';

const MiB = 1024 ** 2;
const MAX_PARTS = 10_000;
// Small enough to be copied within one run at 3 MB a second, unless the object needs larger parts to stay
// within 10 000.
const LEAST_PART_BYTES = 64 * MiB;
const AT_ONCE = 16;

export type PartCopy = {
  readonly source: { readonly bucket: string; readonly key: string; readonly facts: ObjectFacts };
  /** where to, and the headers of the copy */
  readonly target: CreateMultipartUploadCommandInput & { readonly Bucket: string; readonly Key: string };
  /** whether an object at the target has to stay: the copy then ends with a 412 */
  readonly isConditional: boolean;
  /**
   * Leaves out what some stores do not implement, though no copy depends on it: the directive for tags, which
   * nobody can have set, and the condition on the source of each part, which is looked at once more before
   * the parts are put together.
   */
  readonly isPlain?: boolean;
};

/** The source as every call of a copy names it: these bytes, of this version where the bucket keeps any. */
export function copySourceOf({ source: { bucket, key, facts } }: PartCopy) {
  const { versionId, etag } = facts;
  return {
    CopySource: toCopySource({ bucket, key, ...(versionId !== undefined && { versionId }) }),
    CopySourceIfMatch: quotedETag(etag),
  };
}

/**
 * Copies an object of any size inside S3, many parts at a time. A copy that died or ran out of time goes on
 * where it stopped: the parts that S3 has are not copied again.
 * @returns S3's answer about the copy, or `taken` if a conditional copy was not begun because something is
 * there already
 * @throws CopyUnfinished when `signal` aborts after at least one more part was copied; call again to go on
 */
export async function copyByParts(
  s3: S3Client,
  copy: PartCopy,
  signal: AbortSignal,
): Promise<CopyAnswer | 'taken'> {
  const { source, target } = copy;
  const partBytes = Math.max(LEAST_PART_BYTES, Math.ceil(source.facts.size / MAX_PARTS / MiB) * MiB);
  const ranges = toRanges(source.facts.size, partBytes);
  const names = { Bucket: target.Bucket, Key: target.Key };
  const unfinished = await findUnfinished(s3, copy);
  // It may be this copy, completed by a run that died before it recorded that: do not copy a terabyte to find
  // out.
  if (unfinished === undefined && copy.isConditional && (await isThere(s3, names))) return 'taken';
  const UploadId = unfinished ?? (await begin(s3, target));
  const done =
    unfinished === undefined
      ? new Map<number, CompletedPart>()
      : await listDone(s3, { ...names, UploadId }, ranges, signal);

  const before = done.size;
  const missing = ranges.filter(({ index }) => !done.has(index + 1));
  try {
    await copyParts({
      client: s3,
      input: {
        ...names,
        UploadId,
        ...copySourceOf(copy),
        ...(copy.isPlain && { CopySourceIfMatch: undefined }),
      },
      ranges: missing,
      concurrency: AT_ONCE,
      signal,
      onCopied: (part, { index }) => done.set(index + 1, part),
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (done.size < ranges.length) {
    // Without progress, the next run would not succeed either: a fault, which the queue counts.
    if (done.size === before) throw new Error('not one part was copied in the time there was');
    throw new CopyUnfinished(done.size, ranges.length);
  }
  // Assembling thousands of parts takes time, so it gets a whole run.
  if (signal.aborted && done.size > before) throw new CopyUnfinished(done.size, ranges.length);
  // A store without versions that ignores the condition on the source too would assemble parts of two
  // objects.
  if (source.facts.versionId === undefined && !(await isAsSeen(s3, source))) {
    await abort(s3, { ...names, UploadId });
    throw new ObjectChanged('being copied');
  }
  const Parts = [...done.values()].sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0));
  try {
    return await s3.send(
      new CompleteMultipartUploadCommand({
        ...names,
        UploadId,
        MultipartUpload: { Parts },
        MpuObjectSize: source.facts.size,
        ...(copy.isConditional && { IfNoneMatch: '*' }),
      }),
    );
  } catch (error) {
    // Nobody comes back for these parts.
    if (statusOf(error) === 412) await abort(s3, { ...names, UploadId });
    throw error;
  }
}

async function isThere(s3: S3Client, names: { Bucket: string; Key: string }): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand(names));
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

async function isAsSeen(s3: S3Client, { bucket, key, facts }: PartCopy['source']): Promise<boolean> {
  try {
    const { ETag } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    if (!ETag) throw new UnbelievableAnswer('an object without an ETag');
    return bareETag(ETag) === facts.etag;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

async function begin(s3: S3Client, target: CreateMultipartUploadCommandInput): Promise<string> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
  if (UploadId === undefined) throw new Error('S3 began a multipart upload without naming it');
  return UploadId;
}

/**
 * An earlier run's copy of exactly these bytes. If it was begun before the source was last written, it may
 * have parts of other bytes, and is given up. Times have whole seconds, so one begun in the same second is
 * given up as well.
 */
async function findUnfinished(s3: S3Client, { source, target }: PartCopy): Promise<string | undefined> {
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
    else await abort(s3, { ...names, UploadId });
  }
  return found;
}

async function abort(s3: S3Client, names: { Bucket: string; Key: string; UploadId: string }): Promise<void> {
  await s3.send(new AbortMultipartUploadCommand(names)).catch(ignoreUnknown);
}

function ignoreUnknown(error: unknown): void {
  if (nameOf(error) !== 'NoSuchUpload') throw error;
}

/**
 * The parts of the copy that S3 has. A part of another length is from another version of this code, and is
 * copied again.
 */
async function listDone(
  s3: S3Client,
  names: { readonly Bucket: string; readonly Key: string; readonly UploadId: string },
  ranges: readonly ByteRange[],
  signal: AbortSignal,
): Promise<Map<number, CompletedPart>> {
  const done = new Map<number, CompletedPart>();
  for await (const part of listParts(s3, names, signal)) {
    const { PartNumber = 0, Size } = part;
    const range = ranges[PartNumber - 1];
    if (range && Size === range.last - range.first + 1)
      done.set(PartNumber, { PartNumber, ...toCompletedPart(part) });
  }
  return done;
}
