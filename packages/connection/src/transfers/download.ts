import { createWriteStream } from 'node:fs';
import { type FileHandle, realpath, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { ParamValidationError } from '../errors/settings.ts';
import { bandwidthOf, paceDestination } from './bandwidth.ts';
import { type ByteRange, toRanges } from './byte-range.ts';
import { compositeCrc32, crc32ToBase64, verified } from './checksum.ts';
import { type Destination, toFile, toMemory } from './destination.ts';
import { createDraft, type Draft, reopenDraft } from './draft.ts';
import { planTransfer, type TransferOptions, type TransferPlan } from './options.ts';
import type { ReadParams } from './params.ts';
import { type RangeReader, readRange } from './range.ts';
import { describeSource, type ObjectName, type SourceObject } from './source-object.ts';
import { runWorkers } from './workers.ts';

/** One download. */
export type DownloadRequest = TransferOptions &
  ObjectName & {
    readonly client: S3Client;
    /** Who pays, whose the bucket has to be, and the key of an object that has one of its own (boto3: `ExtraArgs`). */
    readonly params?: ReadParams;
  };

/** A download into a file. */
export type FileDownloadRequest = DownloadRequest & {
  readonly path: string;
  /** Keep what came when it fails, and go on with it the next time. Default false. */
  readonly resume?: boolean;
};

/** What came of a download. */
export type DownloadResult = {
  readonly etag: string;
  readonly versionId: string | undefined;
  readonly bytes: number;
  readonly contentType: string | undefined;
  /** The checksum that the bytes were compared with; undefined when S3 keeps none. */
  readonly verifiedBy: string | undefined;
};

/**
 * Downloads into a file, in parallel ranges from the threshold on. Bytes go to a draft beside it, which takes its name only
 * when all are there and their checksum is the one S3 keeps; the object must stay the same meanwhile (`If-Match`). Where
 * there is a device or a pipe in place of a file, they are written to it in order.
 *
 * Memory: up to three megabytes for each range under way. Throws the errors of `readRange`, and `ChecksumMismatchError`, after
 * which nothing of the draft is kept.
 */
export async function downloadFile(request: FileDownloadRequest): Promise<DownloadResult> {
  const { client, signal } = request;
  try {
    // What a link leads to is meant, not the link.
    const path = await realpath(request.path).catch(() => request.path);
    if (await refuseFolder(path)) return await writeThrough(request);
    const source = await describeSource(client, request, signal, request.params);
    const plan = planDownload(request, source);
    await using draft: Draft = await (request.resume ? reopenDraft(path, source) : createDraft(path));
    const checksums = await fetchRanges(client, source, plan, draft);
    try {
      await verify(draft.file, source, checksums);
    } catch (error) {
      await draft.discard();
      throw error;
    }
    await draft.publish();
    return toResult(source);
  } catch (error) {
    throw classify(error);
  }
}

/**
 * Opens an object as a stream whose bytes come in order, fetched ahead by parallel ranges. When its checksum turns out to be
 * wrong the stream ends in a `ChecksumMismatchError`: what was read must be thrown away then.
 *
 * Memory: `concurrency` × part size, however slowly it is read. Destroying the stream ends the calls under way.
 */
export async function downloadStream(
  request: DownloadRequest,
): Promise<DownloadResult & { readonly body: Readable }> {
  try {
    const source = await describeSource(request.client, request, request.signal, request.params);
    const plan = planDownload(request, source);
    const bytes = readAhead(request, source, plan);
    const checked = source.checksum ? verified(bytes, source.checksum, source.partBytes) : bytes;
    return { ...toResult(source), body: Readable.from(checked, { objectMode: false, highWaterMark: 1 }) };
  } catch (error) {
    throw classify(error);
  }
}

/** The client's own limit holds unless the transfer has one. */
function planDownload(request: DownloadRequest, { bytes }: SourceObject): TransferPlan {
  const bandwidth = request.maxBytesPerSecond === undefined ? bandwidthOf(request.client) : undefined;
  return planTransfer({ ...(bandwidth && { bandwidth }), ...request }, bytes);
}

function paced(into: Destination, { bandwidth }: TransferPlan, signal: AbortSignal): Destination {
  return bandwidth ? paceDestination(into, bandwidth, signal) : into;
}

/** Tells whether there is something else than a file to write to. Throws when it is a folder. */
async function refuseFolder(path: string): Promise<boolean> {
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw new ParamValidationError({ message: `${path} is a folder` });
  return there !== undefined && !there.isFile();
}

async function writeThrough(request: FileDownloadRequest): Promise<DownloadResult> {
  const { body, ...result } = await downloadStream(request);
  await pipeline(body, createWriteStream(request.path), request.signal ? { signal: request.signal } : {});
  return result;
}

/** Gives the CRC32 of each range, in order. */
async function fetchRanges(
  client: S3Client,
  source: SourceObject,
  plan: TransferPlan,
  draft: Draft,
): Promise<number[]> {
  const ranges = rangesOf(source, plan);
  await draft.file.truncate(source.bytes);
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
    const reader: RangeReader = { client, source, attempts: plan.rangeAttempts, signal };
    const writer = toFile(draft.file, plan.advance);
    for (const range of queue) {
      signal.throwIfAborted();
      const into = writer(range.first);
      await readRange(reader, range, paced(into, plan, signal));
      const checksum = await into.finish();
      checksums[range.index] = checksum;
      await draft.add(range, checksum);
    }
  });
  return checksums;
}

/** What the reader of a stream is given at once. */
const CHUNK_BYTES = 2 ** 20;

async function* readAhead(
  request: DownloadRequest,
  source: SourceObject,
  plan: TransferPlan,
): AsyncGenerator<Buffer> {
  const stop = new AbortController();
  const signal = plan.signal ? AbortSignal.any([plan.signal, stop.signal]) : stop.signal;
  const reader: RangeReader = { client: request.client, source, attempts: plan.rangeAttempts, signal };
  const fetch = async (range: ByteRange): Promise<Buffer> => {
    const into = toMemory(range.last - range.first + 1);
    await readRange(reader, range, paced(into, plan, signal));
    return into.content;
  };
  const ranges = toRanges(source.bytes, plan.partBytes).values();
  const ahead: Promise<Buffer>[] = [];
  const fetchNext = () => {
    const { value: range } = ranges.next();
    if (range === undefined) return;
    const fetched = fetch(range);
    // Looked at in its turn; until then a failure must not count as unhandled.
    fetched.catch(() => {});
    ahead.push(fetched);
  };
  try {
    for (let i = 0; i < plan.concurrency; i += 1) fetchNext();
    for (let current = ahead.shift(); current !== undefined; current = ahead.shift()) {
      const bytes = await current;
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
        const chunk = bytes.subarray(at, at + CHUNK_BYTES);
        yield chunk;
        plan.advance(chunk.length);
      }
      fetchNext();
    }
  } finally {
    stop.abort();
    await Promise.allSettled(ahead);
  }
}

/** The largest part that is fetched as one range: a break costs at most the rest of it. */
const MAX_RANGE_BYTES = 64 * 2 ** 20;

/** One range below the threshold; else the parts that the object was made of, whose checksums are known; else equal ones. */
function rangesOf(
  { bytes, partBytes: parts }: SourceObject,
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

/** Compares what arrived, or what is on disk when the checksums of the ranges do not add up to the one S3 keeps. */
async function verify(
  file: FileHandle,
  { checksum, partBytes }: SourceObject,
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

function toResult({ etag, bytes, checksum, head }: SourceObject): DownloadResult {
  return {
    etag,
    versionId: head.VersionId,
    bytes,
    contentType: head.ContentType,
    verifiedBy: checksum?.algorithm,
  };
}
