import { platform } from '#platform';
import type { ApiOptions } from './api.ts';
import { createBatchClient } from './batch.ts';
import { type Begin, createBegin, type Work } from './begin.ts';
import type { Declared, Progress } from './declaration.ts';
import { ProblemError } from './errors.ts';
import { createGate } from './gate.ts';
import { sendMultipart } from './multipart.ts';
import { missingParts, totalOf } from './parts.ts';
import type { Send, Source } from './platform.ts';
import type { Upload } from './resource.ts';
import { RETRY } from './retry.ts';
import { realTiming } from './timing.ts';
import { transfer } from './transfer.ts';
import type { Memory, UnfinishedStore } from './unfinished.ts';
import type { WaitOptions } from './wait.ts';

export type { Progress } from './declaration.ts';

export type UploaderOptions = ApiOptions & {
  /** how bytes are sent; the platform's own way when absent */
  readonly send?: Send;
  /** how long a transfer may stand still before it is begun anew; a minute when absent */
  readonly stallMs?: number;
  /**
   * how many parts, or files in one piece, are on their way at once, over all files; 4 in a browser and 6 in
   * Node when absent
   */
  readonly concurrency?: number | undefined;
  /** files larger than this go in parts; 64 MiB when absent */
  readonly multipartAboveBytes?: number;
  /**
   * remembers what was begun in parts, so that another run goes on with it; nothing is remembered when absent
   */
  readonly unfinished?: UnfinishedStore | undefined;
};

export type UploadOptions = Declared &
  WaitOptions & {
    /** called as bytes move; they fall back by what has to be sent again, and no further */
    readonly onProgress?: ((progress: Progress) => void) | undefined;
    /**
     * the id of an upload to go on with; or false, to begin anew and give up what is remembered of the file
     */
    readonly resume?: string | false | undefined;
    /** called when an upload goes on that was begun before, with the bytes that are there already */
    readonly onResume?: ((upload: Upload, bytes: number) => void) | undefined;
    /** an abort leaves an upload in parts as it is, to go on with later: a pause */
    readonly keep?: boolean | undefined;
  };

export type Uploader = {
  /** Sends a file and waits for the verdict. Resolves with the settled upload: look at its `state`. */
  upload(file: Source, options?: UploadOptions): Promise<Upload>;
  /** Sends a file, and resolves as soon as all of it is in S3. */
  send(file: Source, options?: UploadOptions): Promise<Upload>;
  /**
   * Gives up an upload that was left to go on with. Never rejects: what it cannot give up, the server sweeps
   * up in time.
   */
  giveUp(id: string): Promise<void>;
};

// What a PUT of this size sends again when it breaks takes seconds; below, parts would add calls and save
// little.
const MULTIPART_ABOVE_BYTES = 64 * 1024 ** 2;

const GIVE_UP_MS = 3_000;

/**
 * Uploads files. What fails in passing is repeated, and however often, it makes one upload. An abort before
 * all bytes are sent also gives the upload up on the server, unless it is to be kept; one after that only
 * stops the waiting.
 */
export function createUploader(options: UploaderOptions): Uploader {
  const client = createBatchClient(options);
  const { timing = realTiming, concurrency = platform.concurrency } = options;
  const carriage = {
    send: options.send ?? platform.send,
    gate: createGate(concurrency),
    retry: { ...RETRY, ...options.retry },
    timing,
    stallMs: options.stallMs ?? 60_000,
    concurrency,
  };
  // A courtesy: what is given up here is also swept up by the server in time.
  const giveUp = (id: string): Promise<void> =>
    client.delete(id, { signal: AbortSignal.timeout(GIVE_UP_MS) }).catch(() => undefined);
  const begin: Begin = createBegin({
    client,
    giveUp,
    endpoint: options.endpoint,
    unfinished: options.unfinished,
    multipartAboveBytes: options.multipartAboveBytes ?? MULTIPART_ABOVE_BYTES,
  });

  const carry = async (file: Source, { upload, open, delivery }: Work, wishes: UploadOptions) => {
    const { signal, onState, onProgress, onResume } = wishes;
    const onSent = (bytes: number) => onProgress?.({ phase: 'sending', bytes, totalBytes: file.size });
    onState?.(upload);
    if (delivery) await transfer(delivery, carriage, { onSent, signal });
    if (open === undefined) return upload;
    if (open.grant === undefined) {
      const bytes = file.size - totalOf(missingParts(open.plan, open.arrived));
      onResume?.(upload, bytes);
      onSent(bytes);
    }
    const sent = await sendMultipart(client, file, open, carriage, { onSent, signal });
    if (sent.state !== upload.state) onState?.(sent);
    return sent;
  };

  /**
   * What failed can go on, unless it is refused for good; what was aborted is given up, unless it was only to
   * pause.
   */
  const leave = async (error: unknown, { upload, open }: Work, memory: Memory, wishes: UploadOptions) => {
    const isGivenUp = wishes.signal?.aborted && !(wishes.keep && open);
    if (isGivenUp) await giveUp(upload.id);
    if (isGivenUp || (error instanceof ProblemError && !error.retryable)) await memory.forget();
  };

  const run = async (
    file: Source,
    wishes: UploadOptions,
    finish: (sent: Upload) => Promise<Upload>,
  ): Promise<Upload> => {
    const { work, memory } = await begin(file, wishes);
    try {
      const sent = await carry(file, work, wishes).catch(async (error: unknown) => {
        await leave(error, work, memory, wishes);
        throw error;
      });
      const finished = await finish(sent);
      await memory.forget();
      return finished;
    } finally {
      memory.release();
    }
  };

  return {
    giveUp,
    send: (file, wishes = {}) => run(file, wishes, async (sent) => sent),
    upload: (file, wishes = {}) =>
      run(file, wishes, ({ id, state }) => client.wait(id, { ...wishes, seen: state })),
  };
}
