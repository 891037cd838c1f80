import { CopyObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { CopyAnswer } from './object-answers.ts';
import { copyByParts, copySourceOf, type PartCopy } from './part-copy.ts';

const MiB = 1024 ** 2;

/**
 * The most that is copied in one piece. S3 promises no speed: there are reports of 250 MB in 3 seconds, and
 * of 6 to 11 MB a second for each of many copies at once. A run has about 20 seconds, and a copy in one piece
 * that does not end is lost.
 */
export const WHOLE_COPY_MAX_BYTES = 256 * MiB;

/**
 * After this, a copy in one piece is given up for one in parts, which has the rest of the run, and keeps what
 * it copied.
 */
const PATIENCE_MS = 8_000;

/**
 * Copies an object of any size inside S3, so that a run that is cut off keeps what it copied: small ones in
 * one piece, large ones, and those that take unusually long, in parts.
 * @returns S3's answer about the copy, or `taken` if a copy that must not overwrite was not begun, because
 * something is there
 * @throws CopyUnfinished when `signal` aborts after at least one more part was copied; call again to go on
 */
export async function copyObject(
  s3: S3Client,
  copy: PartCopy,
  signal: AbortSignal,
  patienceMs = PATIENCE_MS,
): Promise<CopyAnswer | 'taken'> {
  if (copy.source.facts.size > WHOLE_COPY_MAX_BYTES) return copyByParts(s3, copy, signal);
  const patience = AbortSignal.timeout(patienceMs);
  try {
    return await copyWhole(s3, copy, AbortSignal.any([signal, patience]));
  } catch (error) {
    if (signal.aborted || !patience.aborted) throw error;
    // S3 may still finish the copy: it has the same bytes and the same headers.
    return copyByParts(s3, copy, signal);
  }
}

async function copyWhole(s3: S3Client, copy: PartCopy, signal: AbortSignal): Promise<CopyAnswer> {
  const { CopyObjectResult, ServerSideEncryption } = await s3.send(
    new CopyObjectCommand({
      ...copy.target,
      ...copySourceOf(copy),
      MetadataDirective: 'REPLACE',
      ...(!copy.isPlain && { TaggingDirective: 'REPLACE' }),
      ...(copy.isConditional && { IfNoneMatch: '*' }),
    }),
    { abortSignal: signal },
  );
  return { ...CopyObjectResult, ServerSideEncryption };
}
