import { isEnded } from '@sluice/contract/state';
import type { BatchClient } from './batch.ts';
import type { Abortable } from './client.ts';
import { ProblemError, SourceError } from './errors.ts';
import type { OpenUpload } from './multipart.ts';
import type { Source } from './platform.ts';
import type { Upload } from './resource.ts';

/** An upload that was begun before. Without `open` there is nothing left to send. */
export type Begun = { readonly upload: Upload; readonly open?: OpenUpload };

/**
 * Finds out how far an upload has come, from S3's own list of its parts. Rejects with SourceError when the
 * file is not the one that it was begun with, as far as sizes tell, and with ProblemError when it is none
 * that can go on.
 */
export async function findBegun(
  client: BatchClient,
  file: Source,
  id: string,
  options: Abortable,
): Promise<Begun> {
  const upload = await client.status(id, options);
  if (upload.state !== 'requested') return { upload };
  try {
    const { partSize, partCount, parts: arrived } = await client.listParts(id, options);
    if (partSize === undefined || partCount === undefined) {
      throw new SourceError('The upload was begun without a size: only what began it knows its parts.');
    }
    if (upload.size !== file.size) {
      throw new SourceError(`The upload was begun with another file, of ${upload.size} bytes.`);
    }
    return { upload, open: { id, plan: { size: file.size, partSize, partCount }, arrived } };
  } catch (error) {
    // It was completed, and nobody heard of it; or it is gone, and this rejects.
    if (hasCode(error, 'multipart_gone')) return { upload: await client.complete(id, options) };
    if (hasCode(error, 'upload_not_open')) return { upload: await client.status(id, options) };
    throw error;
  }
}

/** The same for an upload that was remembered; undefined when there is nothing to go on with any more. */
export async function recallBegun(
  client: BatchClient,
  file: Source,
  id: string,
  options: Abortable,
): Promise<Begun | undefined> {
  try {
    const begun = await findBegun(client, file, id, options);
    return isEnded(begun.upload.state) ? undefined : begun;
  } catch (error) {
    // Also one of another caller's, who used this browser before.
    if (hasCode(error, 'upload_not_found', 'multipart_gone', 'not_multipart')) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof ProblemError && codes.includes(error.problem.code);
}
