import { constants, createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { verified } from './checksum.ts';
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
 * Memory: a few network chunks for each range under way. Throws the errors of `readRange`, and `ChecksumMismatchError`, after
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
    await fetchRanges(request, source, plan, { partial, journal });
    await verifyFile(partial, source).catch(async (error: unknown) => {
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

async function fetchRanges(
  { client, resume }: FileDownloadRequest,
  source: SourceObject,
  plan: TransferPlan,
  files: { partial: string; journal: string },
): Promise<void> {
  const rangeBytes = rangeBytesOf(source, plan);
  await using file: FileHandle = await open(files.partial, constants.O_RDWR | constants.O_CREAT, 0o600);
  await using journal = resume
    ? await openJournal(files.journal, { etag: source.etag, bytes: source.bytes, rangeBytes })
    : undefined;
  await file.truncate(source.bytes);
  const ranges = toRanges(source.bytes, rangeBytes);
  for (const range of ranges) if (journal?.done.has(range.index)) plan.advance(range.last - range.first + 1);
  const missing = ranges.filter(({ index }) => !journal?.done.has(index)).values();

  await runWorkers(plan.concurrency, plan.signal, async (signal) => {
    const reader: RangeReader = { client, source, attempts: plan.rangeAttempts, signal };
    for (const range of missing) {
      let position = range.first;
      for await (const chunk of readRange(reader, range)) {
        await file.write(chunk, 0, chunk.length, position);
        position += chunk.length;
        plan.advance(chunk.length);
      }
      await journal?.add(range.index);
    }
  });
}

async function* readAhead(
  request: DownloadRequest,
  source: SourceObject,
  plan: TransferPlan,
): AsyncGenerator<Buffer> {
  const stop = new AbortController();
  const signal = plan.signal ? AbortSignal.any([plan.signal, stop.signal]) : stop.signal;
  const reader: RangeReader = { client: request.client, source, attempts: plan.rangeAttempts, signal };
  const collect = async (range: ByteRange): Promise<Buffer[]> => {
    const chunks: Buffer[] = [];
    for await (const chunk of readRange(reader, range)) chunks.push(chunk);
    return chunks;
  };
  const ranges = toRanges(source.bytes, rangeBytesOf(source, plan)).values();
  const ahead: Promise<Buffer[]>[] = [];
  const fetchNext = () => {
    const { value: range } = ranges.next();
    if (range === undefined) return;
    const fetched = collect(range);
    // Looked at in its turn; until then a failure must not count as unhandled.
    fetched.catch(() => {});
    ahead.push(fetched);
  };
  try {
    for (let i = 0; i < plan.concurrency; i += 1) fetchNext();
    for (let current = ahead.shift(); current !== undefined; current = ahead.shift()) {
      for (const chunk of await current) {
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

/** One range below the threshold. */
function rangeBytesOf({ bytes }: SourceObject, { thresholdBytes, partBytes }: TransferPlan): number {
  return bytes < thresholdBytes ? Math.max(bytes, 1) : partBytes;
}

/** Reads the file back rather than adding up what arrived: this way the disk is checked as well. */
async function verifyFile(path: string, { checksum, partBytes }: SourceObject): Promise<void> {
  if (checksum === undefined) return;
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
