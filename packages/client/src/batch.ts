import { BATCH_MAX_UPLOADS } from '@sluice/contract/batch';
import { abortable } from './abortable.ts';
import { type Api, type ApiOptions, createApi } from './api.ts';
import { type Abortable, type Client, clientOf, expect, type UploadRequest } from './client.ts';
import { NetworkError, ProblemError, UnexpectedAnswerError } from './errors.ts';
import { newKey } from './key.ts';
import type { Problem } from './problem.ts';
import { isResults, type RequestedUpload } from './resource.ts';

/** What an entry of a batch came to: an upload, a problem, or neither if it was deleted. */
type Result = { readonly upload?: unknown; readonly problem?: Problem };

type Asked<Entry, T> = Abortable & {
  readonly entry: Entry;
  readonly resolve: (result: T | Promise<T>) => void;
  readonly reject: (error: unknown) => void;
};

// Long enough for the files of one choice, and for polls of the same moment; too short to be noticed.
const GATHER_MS = 5;

/** A client whose requests have keys of its own making: a request that fails in passing has been repeated. */
export type BatchClient = Omit<Client, 'request'> & {
  /** Asks to upload. */
  request(request: UploadRequest, options?: Abortable): Promise<RequestedUpload>;
};

/**
 * A client that asks together what is asked within a few milliseconds: requests, states and deletions go up
 * to a hundred in one call. What is alone has a call of its own, and so has everything if the server is of a
 * version that takes no batches.
 */
export function createBatchClient(options: ApiOptions): BatchClient {
  const api = createApi(options);
  const client = clientOf(api, options);
  return Object.assign(client, {
    request: gather(api, '', 'uploads', client.request),
    status: gather(api, '/status', 'ids', client.status),
    delete: gather(api, '/delete', 'ids', client.delete),
  });
}

function gather<Entry, T>(
  api: Api,
  path: string,
  name: string,
  alone: (entry: Entry, options: Abortable & { readonly idempotencyKey: string }) => Promise<T>,
) {
  /** whether the server does, once it has shown that */
  let takesBatches: boolean | undefined;
  const waiting = new Set<Asked<Entry, T>>();

  const send = async (batch: readonly Asked<Entry, T>[]): Promise<void> => {
    const key = newKey();
    try {
      let results: readonly Result[] = [];
      if (takesBatches !== false && batch.length > 1) {
        const answer = await api({
          method: 'POST',
          path: `/uploads/batch${path}`,
          headers: { 'idempotency-key': key },
          body: { [name]: batch.map(({ entry }) => entry) },
        });
        results = expect(isResults<Result>, answer).results;
        takesBatches = true;
      }
      for (const [n, { entry, signal, resolve, reject }] of batch.entries()) {
        const { problem, upload } = results[n] ?? {};
        // By the key of its entry, so that what the batch has made of it is found.
        if (results[n] === undefined || problem?.retryable)
          resolve(alone(entry, { idempotencyKey: `${key}.${n}`, signal }));
        else if (problem) reject(new ProblemError(problem));
        else resolve(upload as T);
      }
    } catch (error) {
      // A gateway may leave CORS headers off its 404: to a page that is no answer at all.
      if (takesBatches === undefined && (error instanceof NetworkError || isNoRoute(error))) {
        takesBatches = false;
        return send(batch);
      }
      for (const { reject } of batch) reject(error);
    }
  };

  const flush = () => {
    const all = [...waiting];
    waiting.clear();
    while (all.length > 0) void send(all.splice(0, BATCH_MAX_UPLOADS));
  };

  return (entry: Entry, { signal }: Abortable = {}) =>
    abortable<T>(signal, (resolve, reject) => {
      const asked = { entry, signal, resolve, reject };
      if (waiting.add(asked).size === 1) setTimeout(flush, GATHER_MS);
      return () => waiting.delete(asked);
    });
}

function isNoRoute(error: unknown): boolean {
  return error instanceof UnexpectedAnswerError && [404, 405].includes(error.status);
}
