import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { UploadFailedError } from '../errors/operation.ts';
import { paceCommand } from './bandwidth.ts';
import { type ChecksumValues, checksumValues } from './checksum.ts';
import { withClientOptions } from './client-options.ts';
import { quotedETag } from './etag.ts';
import {
  algorithmOf,
  createMultipart,
  isLocked,
  type Multipart,
  resumeMultipart,
  type UploadTarget,
} from './multipart.ts';
import { planParts, type TransferPlan } from './options.ts';
import { toObjectInput } from './params.ts';
import { bytesSource, fileSource, type PartSource, type SourcePart, streamSource } from './part-source.ts';
import type { UploadRequest, UploadResult } from './upload-request.ts';
import { runWorkers } from './workers.ts';

// What callers of this module name: the shapes stand below, where multipart.ts knows them too.
export type { ObjectParams } from './params.ts';
export type { UploadRequest, UploadResult } from './upload-request.ts';

/**
 * Uploads a file: one PUT below the threshold, parts in parallel from there on. S3 checks the CRC32 of every
 * part before it accepts it, and of all parts and the total size before the object appears; nothing half-done
 * is ever visible.
 *
 * Memory: `concurrency` × part size. Throws `UploadFailedError`.
 */
export async function uploadFile(request: UploadRequest & { readonly path: string }): Promise<UploadResult> {
  return guard(request, async () => {
    await using file: FileHandle = await open(request.path);
    // Awaited here: the file is closed at the end of this block.
    return await send(request, await fileSource(file));
  });
}

/** Uploads bytes at hand, as `uploadFile` does. */
export async function uploadBytes(
  request: UploadRequest & { readonly bytes: Uint8Array },
): Promise<UploadResult> {
  return guard(request, () => send(request, bytesSource(request.bytes)));
}

/**
 * Uploads a stream of unknown length: one PUT when it ends within the first part, else parts. Reads no faster
 * than S3 takes. 10 000 parts of 8 MiB are 78 GiB: set `partBytes` when there may be more. A stream cannot be
 * read twice, so it can be resumed only by one that begins at its beginning.
 */
export async function uploadStream(
  request: UploadRequest & { readonly stream: Readable },
): Promise<UploadResult> {
  return guard(request, () => send(request, streamSource(request.stream)));
}

async function send(request: UploadRequest, source: PartSource): Promise<UploadResult> {
  const plan = planParts(withClientOptions(request.client, request), source.totalBytes);
  const { totalBytes } = source;
  const isSmall =
    totalBytes !== undefined && totalBytes < plan.thresholdBytes && request.resume === undefined;
  const firstBuffer = Buffer.allocUnsafe(isSmall ? Math.max(totalBytes, 1) : plan.partBytes);
  const first = await source.read(firstBuffer);
  if (first === undefined) throw new TypeError('every source has a first part');
  const isWhole = isSmall || (totalBytes === undefined && first.bytes.length < plan.partBytes);
  if (isWhole && request.resume === undefined) return putWhole(request, plan, first.bytes);
  return sendParts(request, plan, source, { first, firstBuffer });
}

async function putWhole(
  request: UploadRequest,
  plan: TransferPlan,
  bytes: Uint8Array,
): Promise<UploadResult> {
  const { client, bucket, key, params = {} } = request;
  const command = new PutObjectCommand({
    ...toObjectInput(params),
    ...(await checksumOf(request, bytes)),
    ...(isLocked(params) && { ChecksumAlgorithm: await algorithmOf(request) }),
    Bucket: bucket,
    Key: key,
    Body: bytes,
  });
  if (plan.bandwidth) paceCommand(command, plan.bandwidth, plan.signal);
  const answer = await client.send(command, sending(plan.signal));
  // The success of a PUT is its status: one without an ETag has stored the bytes all the same.
  const etag = answer.ETag ? quotedETag(answer.ETag) : '';
  plan.advance(bytes.length);
  return { etag, versionId: answer.VersionId, bytes: bytes.length, parts: 1 };
}

async function sendParts(
  request: UploadRequest,
  plan: TransferPlan,
  source: PartSource,
  { first, firstBuffer }: { first: SourcePart; firstBuffer: Buffer },
): Promise<UploadResult> {
  const upload =
    request.resume === undefined
      ? await createMultipart(request)
      : await resumeMultipart(request, request.resume, plan.signal);
  try {
    if (request.resume === undefined) await request.onBegun?.(upload.id);
    const head = [{ part: first, buffer: firstBuffer }];
    await runWorkers(plan.concurrency, plan.signal, async (signal) => {
      // Each worker owns one buffer, so the memory of the whole upload is what it says above.
      const taken = head.pop();
      const buffer = taken?.buffer ?? Buffer.allocUnsafeSlow(plan.partBytes);
      let part = taken?.part ?? (await source.read(buffer));
      while (part !== undefined) {
        signal.throwIfAborted();
        const checksum = await checksumOf(request, part.bytes);
        await upload.sendPart(part, checksum, { ...sending(signal), bandwidth: plan.bandwidth });
        plan.advance(part.bytes.length);
        part = await source.read(buffer);
      }
    });
    return await upload.complete(plan.signal);
  } catch (error) {
    throw await giveUp(request, upload, error);
  }
}

/** Clears away what cannot be used any more, and says what can. */
async function giveUp(request: UploadRequest, upload: Multipart, error: unknown): Promise<UploadFailedError> {
  const { bucket, key, onFailure = 'abort' } = request;
  const cause = classify(error);
  if (onFailure === 'keep') return new UploadFailedError({ bucket, key, uploadId: upload.id, cause });
  try {
    await upload.abort();
    return new UploadFailedError({ bucket, key, uploadId: undefined, cause });
  } catch {
    // The upload's own failure is the news. Its id still shows what is left over, for the bucket's lifecycle
    // to clear.
    return new UploadFailedError({ bucket, key, uploadId: upload.id, cause });
  }
}

async function guard(
  { bucket, key }: UploadRequest,
  run: () => Promise<UploadResult>,
): Promise<UploadResult> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof UploadFailedError) throw error;
    throw new UploadFailedError({ bucket, key, uploadId: undefined, cause: classify(error) });
  }
}

/** Made here because the end of the upload and a resumed one need it again. */
async function checksumOf(target: UploadTarget, bytes: Uint8Array): Promise<ChecksumValues> {
  const algorithm = await algorithmOf(target);
  return algorithm === undefined ? {} : checksumValues(algorithm, bytes);
}

/**
 * No read time-out, which would count the time to send the bytes as well; silence still ends the call
 * (`idleTimeoutMs`).
 */
function sending(signal: AbortSignal | undefined) {
  return { requestTimeout: 0, ...(signal && { abortSignal: signal }) };
}
