import { platform } from '#platform';
import type { Checksum } from '../lib/upload/checksum.ts';
import type { ApiOptions } from './api.ts';
import { createClient, type UploadRequest } from './client.ts';
import { StorageError } from './errors.ts';
import { hash } from './hash.ts';
import type { Delivery, Send, Source } from './platform.ts';
import type { RequestedUpload, Upload } from './resource.ts';
import { RETRY } from './retry.ts';
import { realTiming } from './timing.ts';
import { transfer } from './transfer.ts';
import { type WaitOptions, waitUntilSettled } from './wait.ts';

export type UploaderOptions = ApiOptions & {
  /** how bytes are sent; the platform's own way when absent */
  readonly send?: Send;
  /** how long a transfer may stand still before it is begun anew; a minute when absent */
  readonly stallMs?: number;
};

export type Progress = {
  readonly phase: 'hashing' | 'sending';
  readonly bytes: number;
  readonly totalBytes: number;
};

export type UploadOptions = WaitOptions & {
  /** the file's own name when absent */
  readonly filename?: string | undefined;
  /** the file's own type when absent */
  readonly contentType?: string | undefined;
  readonly policy?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly transport?: 'put' | 'post' | undefined;
  /** `sha256` reads the file once more beforehand to compute it; S3 then refuses bytes that were damaged on their way */
  readonly checksum?: 'sha256' | Checksum | undefined;
  /** called as bytes move; they start from 0 again when a broken transfer is begun anew */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
};

export type Uploader = {
  /** Sends a file and waits for the verdict. Resolves with the settled upload: look at its `state`. */
  upload(file: Source, options?: UploadOptions): Promise<Upload>;
  /** Sends a file, and resolves as soon as all of it is in S3. */
  send(file: Source, options?: UploadOptions): Promise<Upload>;
};

/**
 * Uploads files. What fails in passing is repeated, and however often, it makes one upload. An abort before all bytes
 * are sent also gives the upload up on the server; one after that only stops the waiting.
 */
export const createUploader = (options: UploaderOptions): Uploader => {
  const client = createClient(options);
  const { timing = realTiming, stallMs = 60_000 } = options;

  const send: Uploader['send'] = async (file, upload = {}) => {
    const { signal, onState } = upload;
    const checksum = await toChecksum(file, upload);
    const requested = await client.request(toRequest(file, upload, checksum), {
      idempotencyKey: newKey(),
      signal,
    });
    onState?.(requested);
    const delivery = toDelivery(file, requested);
    if (delivery === undefined) return requested;
    try {
      await transfer(delivery, {
        send: options.send ?? platform.send,
        retry: { ...RETRY, ...options.retry },
        timing,
        stallMs,
        onSent: (bytes) => upload.onProgress?.({ phase: 'sending', bytes, totalBytes: file.size }),
        signal,
      });
    } catch (error) {
      if (signal?.aborted) await giveUp(requested.id);
      throw error;
    }
    return requested;
  };

  // A courtesy: what is given up here is also swept up by the server in time.
  const giveUp = (id: string): Promise<void> =>
    client.delete(id, { signal: AbortSignal.timeout(GIVE_UP_MS) }).catch(() => undefined);

  return {
    send,
    upload: async (file, upload = {}) => {
      const { id, state } = await send(file, upload);
      return waitUntilSettled(() => client.status(id, upload), { ...upload, seen: state }, timing);
    },
  };
};

const GIVE_UP_MS = 3_000;

const toChecksum = async (
  file: Source,
  { checksum, signal, onProgress }: UploadOptions,
): Promise<Checksum | undefined> => {
  if (checksum !== 'sha256') return checksum;
  const onHashed = (bytes: number) => onProgress?.({ phase: 'hashing', bytes, totalBytes: file.size });
  return { algorithm: 'sha256', value: await hash(file, platform.createSha256, { signal, onHashed }) };
};

const toRequest = (
  file: Source,
  { filename, contentType, policy, metadata, transport = 'put' }: UploadOptions,
  checksum: Checksum | undefined,
): UploadRequest => ({
  filename: filename ?? ('name' in file ? file.name : 'unnamed'),
  contentType: contentType ?? bareType(file.type ?? ''),
  size: file.size,
  ...(checksum && { checksum }),
  ...(policy !== undefined && { policy }),
  ...(metadata && { metadata }),
  // Said aloud, or a file beyond one PUT would be given a plan of parts, which nobody here carries out.
  transport,
});

// A Blob's type may have parameters (`text/csv;charset=utf-8`); the API takes none.
const bareType = (type: string): string => type.split(';', 1)[0]?.trim() || 'application/octet-stream';

/** Undefined when there is nothing left to send. A multipart grant will become a third kind here. */
const toDelivery = (
  source: Source,
  { state, filename, put, post }: RequestedUpload,
): Delivery | undefined => {
  if (put) return { method: 'PUT', url: put.url, headers: put.headers, source };
  if (post) return { method: 'POST', url: post.url, fields: post.fields, source, filename };
  if (state !== 'requested') return undefined;
  throw new StorageError(403, 'Expired', 'The time to send the file ran out before it began.');
};

// Not crypto.randomUUID, which browsers keep from pages that were loaded without TLS.
const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
