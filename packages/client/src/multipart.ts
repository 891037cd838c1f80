import type { PartPlan } from '@sluice/contract/part-plan';
import type { AttemptOptions, Carriage } from './attempt.ts';
import type { BatchClient } from './batch.ts';
import { ProblemError, StorageError } from './errors.ts';
import { createPartUrls } from './part-urls.ts';
import { missingParts, type PartsJob, sendParts } from './parts.ts';
import type { Source } from './platform.ts';
import type { ArrivedPart, MultipartGrant, Upload } from './resource.ts';

/** A multipart upload that takes parts. */
export type OpenUpload = {
  readonly id: string;
  readonly plan: PartPlan;
  readonly arrived: readonly ArrivedPart[];
  /** the URLs of its first parts, where it was requested just now */
  readonly grant?: MultipartGrant | undefined;
};

/**
 * Sends the parts that are missing, and has S3 make the object of them. Parts that turn out to be missing
 * then are sent once more. Resolves with the upload, its verdict still to come.
 */
export async function sendMultipart(
  client: BatchClient,
  file: Source,
  { id, plan, arrived, grant }: OpenUpload,
  carriage: Carriage & { readonly concurrency: number },
  options: AttemptOptions,
): Promise<Upload> {
  const { signal } = options;
  const urls = createPartUrls(() => client.signParts(id, { signal }), grant, carriage.timing.now);
  const job: PartsJob = { file, plan, urls, carriage, concurrency: carriage.concurrency };
  try {
    await sendParts(job, missingParts(plan, arrived), options);
  } catch (error) {
    // Somebody else may have completed it, as another device that goes on with it too. Sluice knows.
    if (!(error instanceof StorageError && error.status === 404)) throw error;
  }
  try {
    return await client.complete(id, { signal });
  } catch (error) {
    if (!lacksParts(error)) throw error;
    const { parts } = await client.listParts(id, { signal });
    await sendParts(job, missingParts(plan, parts), options);
    return client.complete(id, { signal });
  }
}

function lacksParts(error: unknown): boolean {
  return error instanceof ProblemError && ['parts_missing', 'part_size_wrong'].includes(error.problem.code);
}
