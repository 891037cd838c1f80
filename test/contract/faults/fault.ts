import type { HttpRequest } from '@smithy/types';

/** An answer that was read to its end. */
export type Answer = {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  /** the connection breaks where the body ends */
  readonly isCut?: true;
};

/** One way in which an answer is not what it has to be. */
export type Fault = {
  readonly name: string;
  /** whether it makes sense for a call */
  readonly suits: (operation: string, request: HttpRequest) => boolean;
  readonly answer: (call: {
    readonly operation: string;
    readonly request: HttpRequest;
    /** sends the request, so that it takes effect */
    readonly commit: () => Promise<Answer>;
    /** the answer of the call before, of whatever kind */
    readonly previous: Answer | undefined;
    /** the object that it is all about */
    readonly bytes: Buffer;
  }) => Promise<Answer>;
};

/** What a request asks for, by the names of the services' APIs. */
export function operationOf({ method, headers, query = {} }: HttpRequest): string {
  const target = headers['x-amz-target'];
  if (target !== undefined) return target.replace(/^.*\./, '');
  const isPart = 'uploadId' in query;
  switch (method) {
    case 'HEAD':
      return 'HeadObject';
    case 'GET':
      return isPart ? 'ListParts' : 'versions' in query ? 'ListObjectVersions' : 'GetObject';
    case 'PUT':
      if ('x-amz-copy-source' in headers) return isPart ? 'UploadPartCopy' : 'CopyObject';
      return isPart ? 'UploadPart' : 'PutObject';
    case 'DELETE':
      return isPart ? 'AbortMultipartUpload' : 'DeleteObject';
    default:
      return isPart ? 'CompleteMultipartUpload' : 'CreateMultipartUpload';
  }
}

function everything(): boolean {
  return true;
}
function isRead(operation: string): boolean {
  return /^(Head|Get|List|Query)/.test(operation);
}
function isWrite(operation: string): boolean {
  return !isRead(operation);
}
function isRanged(operation: string, request: HttpRequest): boolean {
  return operation === 'GetObject' && 'range' in request.headers;
}
function hasTarget(request: HttpRequest): boolean {
  return request.headers['x-amz-target'] !== undefined;
}

const nothing: Answer = { statusCode: 200, headers: {}, body: Buffer.alloc(0) };

/** A body of the right form that says nothing. */
function elementless(operation: string, request: HttpRequest): Answer {
  if (hasTarget(request)) {
    const headers = { 'content-type': 'application/x-amz-json-1.0' };
    return { statusCode: 200, headers, body: Buffer.from('{}') };
  }
  const root = operation === 'CreateMultipartUpload' ? 'InitiateMultipartUpload' : operation;
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?><${root}Result/>`);
  return { statusCode: 200, headers: { 'content-type': 'application/xml' }, body };
}

function withoutLength({ headers, ...answer }: Answer): Answer {
  return {
    ...answer,
    headers: Object.fromEntries(
      Object.entries(headers).filter(
        ([name]) => !/^(content-length|x-amz-checksum-.*|x-amz-crc32)$/i.test(name),
      ),
    ),
  };
}

function shortened(answer: Answer, bytes: number): Answer {
  return {
    ...answer,
    body: answer.body.subarray(0, bytes),
  };
}

/** Every way to answer wrongly that is tried on every call. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'is answered with 200 and nothing, and had no effect',
    suits: everything,
    answer: async () => nothing,
  },
  {
    name: 'is answered with 200 and nothing, after it took effect',
    suits: isWrite,
    answer: async ({ commit }) => {
      await commit();
      return nothing;
    },
  },
  {
    name: 'is answered with a body without elements, and had no effect',
    suits: (operation) => operation !== 'HeadObject' && operation !== 'GetObject',
    answer: async ({ operation, request }) => elementless(operation, request),
  },
  {
    name: 'is answered with a body without elements, after it took effect',
    suits: (operation, request) =>
      isWrite(operation) && (hasTarget(request) || !operation.startsWith('Delete')),
    answer: async ({ operation, request, commit }) => {
      await commit();
      return elementless(operation, request);
    },
  },
  {
    name: 'is answered with half of the body, and the length that this half has',
    suits: (operation) => operation !== 'HeadObject', // has no body
    answer: async ({ commit }) => {
      const answer = withoutLength(await commit());
      const { body, headers } = shortened(answer, Math.floor(answer.body.length / 2));
      return { ...answer, body, headers: { ...headers, 'content-length': String(body.length) } };
    },
  },
  {
    name: 'is answered with half of the body, under the length of the whole, and the connection ends as if all was well',
    suits: (operation) => operation === 'GetObject',
    answer: async ({ commit }) => {
      const answer = await commit();
      return shortened(answer, Math.floor(answer.body.length / 2));
    },
  },
  {
    name: 'is answered with half of the body, and the connection breaks',
    suits: everything,
    answer: async ({ commit }) => {
      const answer = await commit();
      return { ...shortened(answer, Math.floor(answer.body.length / 2)), isCut: true };
    },
  },
  {
    name: 'is answered with ETags that have no quotes',
    suits: (_operation, request) => !hasTarget(request),
    answer: async ({ commit }) => {
      const answer = await commit();
      const text = answer.body.toString('latin1');
      const bare = text.replace(/(<ETag>)(?:&quot;|&#34;|")(.*?)(?:&quot;|&#34;|")(<\/ETag>)/g, '$1$2$3');
      const headers = Object.fromEntries(
        Object.entries(answer.headers).map(([name, value]) => [
          name,
          name.toLowerCase() === 'etag' ? value.replaceAll('"', '') : value,
        ]),
      );
      if (bare === text) return { ...answer, headers };
      return { ...withoutLength({ ...answer, headers }), body: Buffer.from(bare, 'latin1') };
    },
  },
  {
    name: 'is answered with the answer of the call before, and had no effect',
    suits: everything,
    answer: async ({ previous }) => previous ?? nothing,
  },
  {
    name: 'takes effect, and its answer is lost',
    suits: everything,
    answer: async ({ commit }) => {
      await commit();
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    },
  },
  {
    name: 'is answered with another range than was asked for',
    suits: isRanged,
    answer: async ({ commit, bytes }) => {
      const { headers, body, ...answer } = withoutLength(await commit());
      const start = headers['content-range']?.startsWith('bytes 0-') ? bytes.length - body.length : 0;
      const contentRange = `bytes ${start}-${start + body.length - 1}/${bytes.length}`;
      return {
        ...answer,
        headers: { ...headers, 'content-length': String(body.length), 'content-range': contentRange },
        body: bytes.subarray(start, start + body.length),
      };
    },
  },
  {
    name: 'is answered with the whole object in place of a range',
    suits: isRanged,
    answer: async ({ commit, bytes }) => {
      const { 'content-range': _range, ...headers } = withoutLength(await commit()).headers;
      return {
        statusCode: 200,
        headers: { ...headers, 'content-length': String(bytes.length) },
        body: bytes,
      };
    },
  },
  {
    name: 'is answered without a Content-Range',
    suits: isRanged,
    answer: async ({ commit }) => {
      const answer = await commit();
      const { 'content-range': _range, ...headers } = answer.headers;
      return { ...answer, headers };
    },
  },
  {
    name: 'is answered without a Content-Length',
    suits: (operation) => operation === 'HeadObject' || operation === 'GetObject',
    answer: async ({ commit }) => withoutLength(await commit()),
  },
];
