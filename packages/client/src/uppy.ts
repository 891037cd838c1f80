// For Uppy 6 with a bearer token or a grant: its Companion mode sends no headers, its `signRequest` mode lets
// us name them.
import { type ApiOptions, createApi, toBearer } from './api.ts';
import { UnexpectedAnswerError } from './errors.ts';

/** What `@uppy/aws-s3` 6 asks of its `signRequest`. */
export type RequestToSign = {
  readonly method: 'PUT' | 'POST' | 'GET' | 'DELETE';
  readonly key: string;
  readonly uploadId?: string;
  readonly partNumber?: number;
  readonly contentType?: string;
};

/** What it takes for an answer. */
export type SignedRequest = {
  url: string;
  key?: string;
  headers?: Record<string, string>;
  fields?: Record<string, string>;
};

/**
 * A `signRequest` for `@uppy/aws-s3` 6 that uploads through Sluice: `uppy.use(AwsS3, { signRequest })`. The
 * bytes go straight to S3. What begins, lists, completes or aborts a multipart upload goes to Sluice, which
 * answers as S3 would, so that nothing is completed that Sluice has not held against the policy. Uppy tells a
 * signer neither the metadata nor, for a multipart upload, the type: that is told by the name's extension.
 * Rejects with the errors of errors.ts.
 */
export function createSignRequest(options: ApiOptions): (request: RequestToSign) => Promise<SignedRequest> {
  const api = createApi(options);
  const bearer = toBearer(options);
  const base = `${options.endpoint.replace(/\/+$/, '')}/s3/multipart/`;

  const toSluice = async (path: string, key: string): Promise<SignedRequest> => ({
    url: `${base}${path}?${new URLSearchParams({ key })}`,
    key,
    headers: {
      accept: 'application/xml',
      authorization: `Bearer ${await bearer()}`,
    },
  });

  const begin = async (filename: string): Promise<SignedRequest> => {
    const answer = await api({ method: 'POST', path: '/s3/multipart', body: { filename } });
    // Begun already. Uppy asks S3 for it, and Sluice tells it once more in S3's words.
    return toSluice(encodeURIComponent(text(answer, 'uploadId')), text(answer, 'key'));
  };

  return async ({ method, key, uploadId, partNumber, contentType }) => {
    if (uploadId === undefined) {
      if (method === 'POST') return begin(toFilename(key));
      if (method !== 'PUT') throw new TypeError(`Sluice signs no ${method} of an object.`);
      const query = { filename: toFilename(key), type: contentType };
      const answer = await api({ method: 'GET', path: '/s3/params', query });
      return { url: text(answer, 'url'), fields: texts(answer, 'fields') };
    }
    const id = encodeURIComponent(uploadId);
    if (partNumber !== undefined) {
      const path = `/s3/multipart/${id}/${partNumber}`;
      return { url: text(await api({ method: 'GET', path, query: { key } }), 'url') };
    }
    return toSluice(method === 'POST' ? `${id}/complete` : id, key);
  };
}

/** Uppy makes keys of a random UUID and the file's name, unless `generateObjectKey` says otherwise. */
function toFilename(key: string): string {
  return key.replace(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-(?=.)/s, '');
}

function member(answer: unknown, name: string): unknown {
  return typeof answer === 'object' && answer !== null
    ? Object.entries(answer).find(([key]) => key === name)?.[1]
    : undefined;
}

function text(answer: unknown, name: string): string {
  const value = member(answer, name);
  if (typeof value === 'string') return value;
  throw new UnexpectedAnswerError(200, `The API answered without ${name}.`);
}

function texts(answer: unknown, name: string): Record<string, string> {
  const value = member(answer, name);
  if (typeof value !== 'object' || value === null) {
    throw new UnexpectedAnswerError(200, `The API answered without ${name}.`);
  }
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, String(field)]));
}
