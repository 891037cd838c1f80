import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { serve, type TestServer } from './server.ts';

/** What a bucket demands of every call. */
export type Demands = {
  /** Header fields by their values, besides those of the customer's key. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The key that objects are encrypted with (SSE-C); of the copy's source when there is one. */
  readonly key?: Buffer;
  readonly sourceKey?: Buffer;
};

/** One call, as a test looks at it. */
export type SeenCall = {
  readonly operation: string;
  readonly headers: IncomingMessage['headers'];
};

const PREFIX = 'x-amz-server-side-encryption-customer-';
const SOURCE_PREFIX = 'x-amz-copy-source-server-side-encryption-customer-';

/**
 * A store of one bucket that takes whole objects, parts and copies, and refuses each call that lacks what it
 * demands: as S3 does for SSE-C, requester pays and the owner that is expected.
 */
export async function serveStrictStore(
  demands: Demands = {},
): Promise<TestServer & { readonly calls: SeenCall[]; readonly objects: Map<string, Buffer> }> {
  const calls: SeenCall[] = [];
  const objects = new Map<string, Buffer>();
  const parts = new Map<number, Buffer>();
  const server = await serve(async (request, response) => {
    const operation = operationOf(request);
    calls.push({ operation, headers: request.headers });
    const bytes = await buffer(request);
    const lacking = lacks(operation, request, demands);
    if (lacking !== undefined) {
      const body = `<Error><Code>InvalidRequest</Code><Message>${operation} lacks ${lacking}</Message></Error>`;
      return response.writeHead(400).end(request.method === 'HEAD' ? '' : body);
    }
    const { pathname, searchParams } = new URL(`http://s3${request.url}`);
    const key = pathname.split('/').slice(2).join('/');
    const number = Number(searchParams.get('partNumber'));
    switch (operation) {
      case 'put':
        objects.set(key, bytes);
        return response.setHeader('etag', etagOf(bytes)).end();
      case 'begin':
        return response.end('<R><UploadId>U</UploadId></R>');
      case 'part':
        parts.set(number, bytes);
        return response.setHeader('etag', etagOf(bytes)).end();
      case 'list-parts':
        return response.end(`<R>${[...parts].map(partOf).join('')}</R>`);
      case 'complete':
        objects.set(key, Buffer.concat([...parts].sort(([a], [b]) => a - b).map(([, part]) => part)));
        parts.clear();
        return response.end('<R><ETag>"of-parts-2"</ETag></R>');
      case 'copy':
        objects.set(key, sourceOf(request, objects));
        return response.end('<CopyObjectResult><ETag>"copy"</ETag></CopyObjectResult>');
      case 'copy-part': {
        const [, first, last] = /=(\d+)-(\d+)/.exec(String(request.headers['x-amz-copy-source-range'])) ?? [];
        parts.set(number, sourceOf(request, objects).subarray(Number(first), Number(last) + 1));
        return response.end('<CopyPartResult><ETag>"part"</ETag></CopyPartResult>');
      }
      case 'tags':
        return response.end(
          '<Tagging><TagSet><Tag><Key>colour</Key><Value>red</Value></Tag></TagSet></Tagging>',
        );
      case 'abort':
        return response.writeHead(204).end();
      default:
        return read(request, response, objects.get(key));
    }
  });
  return Object.assign(server, { calls, objects });
}

function operationOf({ method, url, headers }: IncomingMessage): string {
  const { searchParams: query } = new URL(`http://s3${url}`);
  const isCopy = headers['x-amz-copy-source'] !== undefined;
  if (method === 'POST') return query.has('uploads') ? 'begin' : 'complete';
  if (method === 'DELETE') return 'abort';
  if (method === 'PUT')
    return `${isCopy ? 'copy' : ''}${query.has('partNumber') ? '-part' : isCopy ? '' : 'put'}`.replace(
      /^-/,
      '',
    );
  if (query.has('tagging')) return 'tags';
  if (query.has('uploadId')) return 'list-parts';
  return method === 'HEAD' ? 'head' : 'get';
}

/** Calls about the upload or the tags as such take no key. */
const WITHOUT_KEY = ['tags', 'abort'];

function lacks(operation: string, { headers }: IncomingMessage, demands: Demands): string | undefined {
  for (const [name, value] of Object.entries(demands.headers ?? {}))
    if (headers[name] !== value) return `${name}: ${value}`;
  const isCopy = operation.startsWith('copy');
  const keys: [string, Buffer | undefined][] = [[PREFIX, demands.key]];
  if (isCopy) keys.push([SOURCE_PREFIX, demands.sourceKey]);
  for (const [prefix, key] of keys) {
    if (key === undefined || WITHOUT_KEY.includes(operation)) continue;
    const expected = {
      algorithm: 'AES256',
      key: key.toString('base64'),
      'key-md5': createHash('md5').update(key).digest('base64'),
    };
    for (const [name, value] of Object.entries(expected))
      if (headers[prefix + name] !== value) return `${prefix}${name}`;
  }
  return undefined;
}

function read(request: IncomingMessage, response: ServerResponse, object: Buffer | undefined): void {
  if (object === undefined) {
    response.writeHead(404).end();
    return;
  }
  const [, first, last] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
  const bytes = first === undefined ? object : object.subarray(Number(first), Number(last) + 1);
  response
    .writeHead(first === undefined ? 200 : 206, {
      // Under a key of the customer's own it is no MD5.
      etag: '"not-an-md5"',
      'content-length': bytes.length,
      'content-type': 'text/plain',
      expires: 'Thu, 31 Jan 2030 12:00:00 GMT',
      ...(first !== undefined && { 'content-range': `bytes ${first}-${last}/${object.length}` }),
    })
    .end(request.method === 'HEAD' ? '' : bytes);
}

function sourceOf({ headers }: IncomingMessage, objects: ReadonlyMap<string, Buffer>): Buffer {
  const [, ...key] = decodeURIComponent(String(headers['x-amz-copy-source'])).split('/');
  return objects.get(key.join('/')) ?? Buffer.alloc(0);
}

function partOf([number, bytes]: [number, Buffer]): string {
  return `<Part><PartNumber>${number}</PartNumber><ETag>${etagOf(bytes)}</ETag><Size>${bytes.length}</Size></Part>`;
}

function etagOf(bytes: Buffer): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}
