import type { Checksum } from '@sluice/contract/checksum';
import type { State } from '@sluice/contract/state';
import type { Readers, Transport } from '@sluice/contract/upload';
import { type ApiOptions, createApi } from './api.ts';
import { UnexpectedAnswerError } from './errors.ts';
import {
  type ArrivedParts,
  type CompactParts,
  type Download,
  isArrivedParts,
  isCompactParts,
  isDownload,
  isPolicyList,
  isUpload,
  isUploadPage,
  type PolicyList,
  type RequestedUpload,
  type Upload,
  type UploadPage,
} from './resource.ts';
import { realTiming } from './timing.ts';
import { type WaitOptions, waitUntilSettled } from './wait.ts';

/** What is said of a file before a byte of it is sent. */
export type UploadRequest = {
  readonly filename: string;
  readonly contentType: string;
  /** bytes */
  readonly size: number;
  readonly checksum?: Checksum;
  readonly policy?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly transport?: Transport;
  /** who may read it once it is accepted; as the policy says when absent */
  readonly readers?: Readers;
};

export type Abortable = { readonly signal?: AbortSignal | undefined };

/** The API, one function per route. Each rejects with one of the errors of errors.ts. */
export type Client = {
  /** Asks to upload. The same request with the same key, however often, makes one upload. */
  request(
    request: UploadRequest,
    options: Abortable & { readonly idempotencyKey: string },
  ): Promise<RequestedUpload>;
  status(id: string, options?: Abortable): Promise<Upload>;
  /** Signs every part of a multipart upload anew. */
  signParts(id: string, options?: Abortable): Promise<CompactParts>;
  /** What has arrived of a multipart upload. */
  listParts(id: string, options?: Abortable): Promise<ArrivedParts>;
  /** Has S3 make the object of the parts. Safe to repeat. */
  complete(id: string, options?: Abortable): Promise<Upload>;
  /** Follows an upload until it is settled. */
  wait(id: string, options?: WaitOptions): Promise<Upload>;
  /** One page of the caller's own uploads, newest first. */
  list(
    page?: Abortable & {
      readonly state?: State | undefined;
      readonly limit?: number;
      readonly cursor?: string;
    },
  ): Promise<UploadPage>;
  /**
   * A short-lived address of an accepted file. Fetch it without the token: S3 refuses a request that is
   * signed twice.
   */
  download(id: string, options?: Abortable): Promise<Download>;
  /** Gives up an upload that has not arrived, or deletes an accepted one. Safe to repeat. */
  delete(id: string, options?: Abortable): Promise<void>;
  policies(options?: Abortable): Promise<PolicyList>;
};

/** A client of one API as one caller. Opens nothing and holds nothing; make as many as you like. */
export function createClient(options: ApiOptions): Client {
  const api = createApi(options);
  const { timing = realTiming } = options;

  const status: Client['status'] = async (id, { signal } = {}) =>
    expect(isUpload, await api({ method: 'GET', path: pathOf(id), signal }));

  return {
    request: async (request, { idempotencyKey, signal }) =>
      expect(
        isUpload,
        await api({
          method: 'POST',
          path: '/uploads',
          headers: { 'idempotency-key': idempotencyKey },
          body: request,
          signal,
        }),
      ),
    status,
    signParts: async (id, { signal } = {}) =>
      expect(
        isCompactParts,
        await api({ method: 'POST', path: `${pathOf(id)}/parts`, body: { format: 'compact' }, signal }),
      ),
    listParts: async (id, { signal } = {}) =>
      expect(isArrivedParts, await api({ method: 'GET', path: `${pathOf(id)}/parts`, signal })),
    complete: async (id, { signal } = {}) =>
      expect(isUpload, await api({ method: 'POST', path: `${pathOf(id)}/complete`, signal })),
    wait: (id, wait = {}) => waitUntilSettled(() => status(id, wait), wait, timing),
    list: async ({ signal, ...query } = {}) =>
      expect(isUploadPage, await api({ method: 'GET', path: '/uploads', query, signal })),
    download: async (id, { signal } = {}) =>
      expect(isDownload, await api({ method: 'GET', path: `${pathOf(id)}/download`, signal })),
    delete: async (id, { signal } = {}) => {
      await api({ method: 'DELETE', path: pathOf(id), signal });
    },
    policies: async ({ signal } = {}) =>
      expect(isPolicyList, await api({ method: 'GET', path: '/policies', signal })),
  };
}

/**
 * True for text that may be an upload's id. Anything else could lead to another route (`..`, the empty text).
 */
export function isId(text: string): boolean {
  return /^[\w-]{1,128}$/.test(text);
}

function pathOf(id: string): string {
  if (!isId(id)) throw new TypeError('That is not the id of an upload.');
  return `/uploads/${id}`;
}

function expect<T>(is: (value: unknown) => value is T, body: unknown): T {
  if (is(body)) return body;
  throw new UnexpectedAnswerError(
    200,
    "The address answered, but not in Sluice's words. Is it the address of the API?",
  );
}
