import { createWriteStream } from 'node:fs';
import { type FileHandle, realpath, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ParamValidationError } from '../errors/settings.ts';
import { type ByteRange, toRanges } from './byte-range.ts';
import { compositeCrc32, crc32ToBase64, verified } from './checksum.ts';
import { toFile } from './destination.ts';
import { createDraft, type Draft, reopenDraft } from './draft.ts';
import { planTransfer, type TransferOptions, type TransferPlan } from './options.ts';
import { type RangeReader, readRange } from './range.ts';
import { streamObject } from './read-ahead.ts';
import type { RemoteObject } from './remote-object.ts';
import { runWorkers } from './workers.ts';

/** How a file is written. */
export type SaveOptions = {
  /** Keep what came when it fails, and go on with it the next time. Default false. */
  readonly resume?: boolean;
  /**
   * Whether a file that is there may be replaced. Default true; without it, one that is there makes `link`
   * fail with EEXIST.
   */
  readonly replaces?: boolean;
};

/** Where an object is saved. */
export type SaveTarget = {
  /** What a link leads to, not the link. */
  readonly path: string;
  /** False for a device or a pipe, which is written to in order. */
  readonly isFile: boolean;
};

/** Looks at what is at a path already. Throws `ParamValidationError` for a folder. */
export async function findTarget(named: string): Promise<SaveTarget> {
  const path = await realpath(named).catch(() => named);
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw new ParamValidationError({ message: `${path} is a folder` });
  return { path, isFile: there === undefined || there.isFile() };
}

/**
 * Reads an object into a file, in parallel ranges from the threshold on. Bytes go to a draft beside it, which
 * takes its name only when all are there and their checksum is the one that is known. With `resume` there is
 * one draft for each file, whatever becomes of the process.
 *
 * Memory: up to 768 KiB for each range under way. Throws the errors of `readRange`, those of the disk
 * as they are, and `ChecksumMismatchError`, after which nothing of the draft is kept.
 */
export async function saveObject(
  object: RemoteObject,
  { path, isFile }: SaveTarget,
  options: TransferOptions & SaveOptions,
): Promise<void> {
  if (!isFile) {
    const { signal } = options;
    return pipeline(streamObject(object, options), createWriteStream(path), signal ? { signal } : {});
  }
  const plan = planTransfer(options, object.bytes);
  const { replaces = true } = options;
  await using draft: Draft = await (options.resume ? reopenDraft(path, object) : createDraft(path));
  const checksums = await fetchRanges(object, plan, draft);
  try {
    await verify(draft.file, object, checksums);
  } catch (error) {
    await draft.discard();
    throw error;
  }
  await draft.publish(replaces);
}

/** Gives the CRC32 of each range, in order. */
async function fetchRanges(object: RemoteObject, plan: TransferPlan, draft: Draft): Promise<number[]> {
  const ranges = rangesOf(object, plan);
  await draft.file.truncate(object.bytes);
  const checksums: number[] = [];
  const missing: ByteRange[] = [];
  for (const range of ranges) {
    plan.signal?.throwIfAborted();
    const found = await draft.find(range);
    if (found === undefined) missing.push(range);
    else {
      checksums[range.index] = found;
      plan.advance(range.last - range.first + 1);
    }
  }

  const queue = missing.values();
  await runWorkers(plan.concurrency, plan.signal, async (signal) => {
    const reader: RangeReader = { object, attempts: plan.rangeAttempts, bandwidth: plan.bandwidth, signal };
    const writer = toFile(draft.file, plan.advance);
    for (const range of queue) {
      signal.throwIfAborted();
      const into = writer(range.first);
      await readRange(reader, range, into);
      const checksum = await into.finish();
      checksums[range.index] = checksum;
      await draft.add(range, checksum);
    }
  });
  return checksums;
}

/** The largest part that is fetched as one range: a break costs at most the rest of it. */
const MAX_RANGE_BYTES = 64 * 2 ** 20;

/**
 * One range below the threshold; else the parts that the object was made of, whose checksums are known; else
 * equal ones.
 */
function rangesOf(
  { bytes, partBytes: parts }: RemoteObject,
  { thresholdBytes, partBytes }: TransferPlan,
): ByteRange[] {
  if (bytes < thresholdBytes) return toRanges(bytes, Math.max(bytes, 1));
  if (parts.length === 0 || Math.max(...parts) > MAX_RANGE_BYTES) return toRanges(bytes, partBytes);
  let next = 0;
  return parts.map((size, index) => {
    const first = next;
    next += size;
    return { index, first, last: next - 1 };
  });
}

/**
 * Compares what arrived, or what is on disk when the checksums of the ranges do not add up to the one S3
 * keeps.
 */
async function verify(
  file: FileHandle,
  { checksum, partBytes }: RemoteObject,
  checksums: readonly number[],
): Promise<void> {
  if (checksum === undefined) return;
  const isByParts = checksum.algorithm === 'CRC32' && checksum.over !== 'bytes';
  const isMade = isByParts && checksums.length === partBytes.length;
  if (isMade && bareComposite(checksums) === checksum.value) return;
  // Any other algorithm, or ranges that are no parts.
  const bytes: AsyncIterable<Buffer> = file.createReadStream({
    start: 0,
    autoClose: false,
    highWaterMark: 2 ** 20,
  });
  for await (const _bytes of verified(bytes, checksum, partBytes));
}

function bareComposite(checksums: readonly number[]): string {
  return compositeCrc32(checksums.map(crc32ToBase64)).replace(/-\d+$/, '');
}
