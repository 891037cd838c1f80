import type { Checksum } from '@sluice/contract/checksum';
import type { Usage } from '@sluice/contract/quota';
import type { State } from '@sluice/contract/state';
import type { Owner, Readers, Transport } from '@sluice/contract/upload';
import { type Api, type ApiOptions, type Call, createApi } from './api.ts';
import { UnexpectedAnswerError } from './errors.ts';
import {
  type Addressed,
  type ArrivedParts,
  type CompactParts,
  type Download,
  type DownloadResult,
  isArrivedParts,
  isCompactParts,
  isDownload,
  isPolicyList,
  isResults,
  isUpload,
  isUploadPage,
  isUsage,
  type PolicyList,
  type RequestedUpload,
  type Upload,
  type UploadPage,
} from './resource.ts';
import { realTiming } from './timing.ts';
import { type Known, LONGEST_PAUSE_MS, type WaitOptions, waitUntilSettled } from './wait.ts';

/** What is said of a file before a byte of it is sent. */
export type UploadRequest = {
  readonly filename: string;
  readonly contentType: string;
  /** bytes */
  readonly size: number;
  readonly checksum?: Checksum | undefined;
  readonly policy?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly transport?: Transport | undefined;
  /** who may read it once it is accepted; as the policy says when absent */
  readonly readers?: Readers | undefined;
  /** whose the upload is to be: for services, which have none of their own */
  readonly owner?: Owner | undefined;
  /** an id of your own for what the file is for; `list` finds uploads by it */
  readonly reference?: string | undefined;
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
  wait(id: string, options?: WaitOptions & Known): Promise<Upload>;
  /**
   * One page of uploads, newest first: of the caller's own, or with `scope: 'tenant'` of all that everybody
   * of the tenant may read, where the policies have them listed. A service says whose, by `tenant` and
   * `owner`.
   */
  list(
    page?: Abortable & {
      readonly scope?: 'own' | 'tenant' | undefined;
      readonly state?: State | undefined;
      readonly reference?: string | undefined;
      readonly limit?: number;
      readonly cursor?: string;
      readonly tenant?: string;
      readonly owner?: string;
    },
  ): Promise<UploadPage>;
  /**
   * A short-lived address of an accepted file. Fetch it without the token: S3 refuses a request that is
   * signed twice. With `inline` a browser shows there what merely shows, where the policy allows it.
   */
  download(id: string, options?: Abortable & { readonly inline?: boolean }): Promise<Download>;
  /**
   * The same for many files, 200 of them in each call. One that cannot be read has a problem, and the others
   * have their addresses; they come in the order of the ids.
   */
  downloads(
    ids: readonly string[],
    options?: Abortable & { readonly inline?: boolean },
  ): Promise<DownloadResult[]>;
  /** Says who may read the file. */
  share(id: string, readers: Readers, options?: Abortable): Promise<Upload>;
  /** Gives up an upload that has not arrived, or deletes an accepted one. Safe to repeat. */
  delete(id: string, options?: Abortable): Promise<void>;
  policies(options?: Abortable): Promise<PolicyList>;
  /**
   * What the caller has and what is left of its quotas. A service says whose, by `tenant` and `owner`.
   * Rejects with `usage_not_counted` where the deployment counts nothing of it.
   */
  usage(
    options?: Abortable & { readonly tenant?: string | undefined; readonly owner?: string | undefined },
  ): Promise<Usage>;
};

/** A client of one API as one caller. Opens nothing and holds nothing; make as many as you like. */
export function createClient(options: ApiOptions): Client {
  return clientOf(createApi(options), options);
}

/** The same over a way to make calls that is there already. */
export function clientOf(api: Api, { timing = realTiming }: Pick<ApiOptions, 'timing'>): Client {
  const call = async <T>(is: (value: unknown) => value is T, made: Call): Promise<T> =>
    expect(is, await api(made));

  // Of its own, so that the many pages that wait do not ask at the same moments.
  const phase = timing.random() * LONGEST_PAUSE_MS;

  const client: Client = {
    request: (request, { idempotencyKey, signal }) =>
      call(isUpload, {
        method: 'POST',
        path: '/uploads',
        headers: { 'idempotency-key': idempotencyKey },
        body: request,
        signal,
      }),
    status: async (id, { signal } = {}) => call(isUpload, { method: 'GET', path: pathOf(id), signal }),
    signParts: async (id, { signal } = {}) =>
      call(isCompactParts, {
        method: 'POST',
        path: pathOf(id, '/parts'),
        body: { format: 'compact' },
        signal,
      }),
    listParts: async (id, { signal } = {}) =>
      call(isArrivedParts, { method: 'GET', path: pathOf(id, '/parts'), signal }),
    complete: async (id, { signal } = {}) =>
      call(isUpload, { method: 'POST', path: pathOf(id, '/complete'), signal }),
    wait: (id, wait = {}) => waitUntilSettled(() => client.status(id, wait), wait, timing, phase),
    list: ({ signal, ...query } = {}) =>
      call(isUploadPage, { method: 'GET', path: '/uploads', query, signal }),
    download: async (id, { signal, inline } = {}) =>
      call(isDownload, { method: 'GET', path: pathOf(id, '/download'), query: { inline }, signal }),
    downloads: async (ids, { signal, inline } = {}) => {
      const results: DownloadResult[] = [];
      for (let at = 0; at < ids.length; at += MAX_DOWNLOADS) {
        const some = ids.slice(at, at + MAX_DOWNLOADS);
        const body = { ids: some, inline };
        const answer = await call(isResults<Addressed>, { method: 'POST', path: '/downloads', body, signal });
        results.push(...answer.results.map((one, n) => ({ ...one, id: some[n] ?? '' })));
      }
      return results;
    },
    share: async (id, readers, { signal } = {}) =>
      call(isUpload, { method: 'PATCH', path: pathOf(id), body: { readers }, signal }),
    delete: async (id, { signal } = {}) => {
      await api({ method: 'DELETE', path: pathOf(id), signal });
    },
    usage: ({ signal, ...query } = {}) => call(isUsage, { method: 'GET', path: '/usage', query, signal }),
    policies: ({ signal } = {}) => call(isPolicyList, { method: 'GET', path: '/policies', signal }),
  };
  return client;
}

/**
 * True for text that may be an upload's id. Anything else could lead to another route (`..`, the empty text).
 */
export function isId(text: string): boolean {
  return /^[\w-]{1,128}$/.test(text);
}

const MAX_DOWNLOADS = 200;

function pathOf(id: string, of = ''): string {
  if (!isId(id)) throw new TypeError('That is not the id of an upload.');
  return `/uploads/${id}${of}`;
}

/** The body of an answer; rejects what is not of Sluice's. */
export function expect<T>(is: (value: unknown) => value is T, body: unknown): T {
  if (is(body)) return body;
  throw new UnexpectedAnswerError(
    200,
    "The address answered, but not in Sluice's words. Is it the address of the API?",
  );
}
