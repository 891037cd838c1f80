import { constants, createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { compositeCrc32, crc32ToBase64, verified } from './checksum.ts';
import { toFile, toMemory } from './destination.ts';
import { openJournal, removeJournal } from './journal.ts';
import { planTransfer, type TransferOptions, type TransferPlan } from './options.ts';
import { type ByteRange, type RangeReader, readRange, toRanges } from './range.ts';
import { describeSource, type ObjectName, type SourceObject } from './source-object.ts';
import { runWorkers } from './workers.ts';

/** One download. */
export interface DownloadRequest extends TransferOptions, ObjectName {
  readonly client: S3Client;
}

/** A download into a file. */
export interface FileDownloadRequest extends DownloadRequest {
  readonly path: string;
  /** Keep what came when it fails, and go on with it the next time. Default false. */
  readonly resume?: boolean;
}

/** What came of a download. */
export interface DownloadResult {
  readonly etag: string;
  readonly versionId: string | undefined;
  readonly bytes: number;
  readonly contentType: string | undefined;
  /** The checksum that the bytes were compared with; undefined when S3 keeps none. */
  readonly verifiedBy: string | undefined;
}

/**
 * Downloads into a file, in parallel ranges from the threshold on. Bytes go to `<path>.part`, which takes its name only when
 * all are there and their checksum is the one S3 keeps; the object must stay the same meanwhile (`If-Match`).
 *
 * Memory: up to three megabytes for each range under way. Throws the errors of `readRange`, and `ChecksumMismatchError`, after
 * which nothing of the partial file is kept.
 */
export async function downloadFile(request: FileDownloadRequest): Promise<DownloadResult> {
  const partial = `${request.path}.part`;
  const journal = `${partial}.journal`;
  const discard = async () => {
    await rm(partial, { force: true });
    await removeJournal(journal);
  };
  try {
    const source = await describeSource(request.client, request, request.signal);
    const plan = planTransfer(request, source.bytes);
    if (!request.resume) await discard();
    const checksums = await fetchRanges(request, source, plan, { partial, journal });
    await verify(partial, source, checksums).catch(async (error: unknown) => {
      await discard();
      throw error;
    });
    await rename(partial, request.path);
    await removeJournal(journal);
    return toResult(source);
  } catch (error) {
    if (!request.resume) await discard();
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
    const source = await describeSource(request.client, request, request.signal);
    const plan = planTransfer(request, source.bytes);
    const bytes = readAhead(request, source, plan);
    const checked = source.checksum ? verified(bytes, source.checksum, source.partBytes) : bytes;
    return { ...toResult(source), body: Readable.from(checked, { objectMode: false, highWaterMark: 1 }) };
  } catch (error) {
    throw classify(error);
  }
}

/** Gives the CRC32 of each range, in order; one that an earlier try has fetched has none. */
async function fetchRanges(
  { client, resume }: FileDownloadRequest,
  source: SourceObject,
  plan: TransferPlan,
  files: { partial: string; journal: string },
): Promise<(string | undefined)[]> {
  const ranges = rangesOf(source, plan);
  const header = { etag: source.etag, bytes: source.bytes, ranges: ranges.length };
  await using file: FileHandle = await open(files.partial, constants.O_RDWR | constants.O_CREAT, 0o600);
  await using journal = resume ? await openJournal(files.journal, header) : undefined;
  await file.truncate(source.bytes);
  for (const range of ranges) if (journal?.done.has(range.index)) plan.advance(range.last - range.first + 1);
  const missing = ranges.filter(({ index }) => !journal?.done.has(index)).values();
  const checksums: (string | undefined)[] = ranges.map(() => undefined);

  await runWorkers(plan.concurrency, plan.signal, async (signal) => {
    const reader: RangeReader = { client, source, attempts: plan.rangeAttempts, signal };
    const writer = toFile(file, plan.advance);
    for (const range of missing) {
      const into = writer(range.first);
      await readRange(reader, range, into);
      checksums[range.index] = crc32ToBase64(await into.finish());
      await journal?.add(range.index);
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
    await readRange(reader, range, into);
    return into.content;
  };
  const ranges = rangesOf(source, plan).values();
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
async function verify(path: string, source: SourceObject, checksums: (string | undefined)[]): Promise<void> {
  const { checksum, partBytes } = source;
  if (checksum === undefined) return;
  const known = checksums.filter((one) => one !== undefined);
  const isByParts = checksum.algorithm === 'CRC32' && checksum.value.includes('-');
  if (isByParts && known.length === partBytes.length && compositeCrc32(known) === checksum.value) return;
  // Any other algorithm, a download that was resumed, or ranges that are no parts.
  const file: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: 2 ** 20 });
  for await (const _bytes of verified(file, checksum, partBytes));
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
