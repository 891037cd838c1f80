import type { BatchClient } from './batch.ts';
import {
  chooseTransport,
  type Declared,
  type Progress,
  toChecksum,
  toFilename,
  toRequest,
} from './declaration.ts';
import { StorageError } from './errors.ts';
import { toFingerprint } from './fingerprint.ts';
import type { OpenUpload } from './multipart.ts';
import type { Delivery, Source } from './platform.ts';
import type { RequestedUpload, Upload } from './resource.ts';
import { findBegun, recallBegun } from './resume.ts';
import { createMemories, type Memory, NO_MEMORY, type UnfinishedStore } from './unfinished.ts';

/** An upload and what is left to do for it: parts to send, or one object, or nothing. */
export type Work = {
  readonly upload: Upload;
  readonly open?: OpenUpload | undefined;
  readonly delivery?: Delivery | undefined;
};

type Wishes = Declared & {
  readonly resume?: string | false | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
};

/** Begins an upload, or finds the one to go on with. The memory is the caller's to release. */
export type Begin = (
  file: Source,
  wishes: Wishes,
) => Promise<{ readonly work: Work; readonly memory: Memory }>;

export type BeginDeps = {
  readonly client: BatchClient;
  readonly giveUp: (id: string) => Promise<void>;
  readonly endpoint: string;
  readonly unfinished: UnfinishedStore | undefined;
  readonly multipartAboveBytes: number;
};

export function createBegin({ client, giveUp, ...deps }: BeginDeps): Begin {
  const memoryOf = deps.unfinished ? createMemories(deps.unfinished) : async () => NO_MEMORY;

  const goOn = async (file: Source, wishes: Wishes, memory: Memory): Promise<Work | undefined> => {
    if (typeof wishes.resume === 'string') return findBegun(client, file, wishes.resume, wishes);
    const id = await memory.read();
    if (id === undefined) return undefined;
    const begun = await recallBegun(client, file, id, wishes);
    if (wishes.resume !== false && begun !== undefined) return begun;
    // Not one that was completed without being heard of: giving it up would delete an accepted file.
    if (begun?.open) await giveUp(id);
    await memory.forget();
    return undefined;
  };

  const beginAnew = async (file: Source, wishes: Wishes): Promise<Work> => {
    const checksum = await toChecksum(file, wishes.checksum, wishes);
    const transport = chooseTransport(file, wishes, deps.multipartAboveBytes);
    const upload = await client.request(toRequest(file, wishes, transport, checksum), wishes);
    return { upload, open: toOpen(file, upload), delivery: toDelivery(file, upload) };
  };

  return async (file, wishes) => {
    wishes.signal?.throwIfAborted();
    const inParts =
      typeof wishes.resume === 'string' ||
      chooseTransport(file, wishes, deps.multipartAboveBytes) === 'multipart';
    const { contentType, policy, metadata, checksum, readers, reference, owner } = wishes;
    const memory = inParts
      ? await memoryOf(() =>
          toFingerprint(file, toFilename(file, wishes), [
            deps.endpoint,
            contentType,
            policy,
            metadata,
            checksum,
            // Only where it is said: what was begun before is found again.
            ...(readers === undefined ? [] : [readers]),
            // What was begun before there were references is found again.
            ...(reference === undefined ? [] : [reference]),
            ...(owner === undefined ? [] : [owner]),
          ]),
        )
      : NO_MEMORY;
    try {
      const work = (await goOn(file, wishes, memory)) ?? (await beginAnew(file, wishes));
      if (work.open) await memory.write(work.upload);
      return { work, memory };
    } catch (error) {
      memory.release();
      throw error;
    }
  };
}

function toOpen({ size }: Source, { id, multipart }: RequestedUpload): OpenUpload | undefined {
  if (multipart === undefined) return undefined;
  const { partSize, partCount } = multipart;
  return { id, plan: { size, partSize, partCount }, arrived: [], grant: multipart };
}

/** Undefined when there is no one object to send. */
function toDelivery(
  source: Source,
  { state, filename, put, post, multipart }: RequestedUpload,
): Delivery | undefined {
  if (put) return { method: 'PUT', url: put.url, headers: put.headers, source };
  if (post) return { method: 'POST', url: post.url, fields: post.fields, source, filename };
  if (multipart !== undefined || state !== 'requested') return undefined;
  throw new StorageError(403, 'Expired', 'The time to send the file ran out before it began.');
}
