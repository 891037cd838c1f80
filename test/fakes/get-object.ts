import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from './answer.ts';

/** What S3 answers to a GET of an object: all of it, or a range, if it still is the one that is asked for. */
export function getObject(bytes: Buffer, { range, 'if-match': ifMatch }: IncomingHttpHeaders): Answer {
  const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
  const headers = { etag, 'content-disposition': 'attachment' };
  if (ifMatch !== undefined && ifMatch !== etag) return [412, toXml('PreconditionFailed')];
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  if (first === undefined) return [200, bytes, { ...headers, 'content-length': String(bytes.length) }];
  const total = bytes.length;
  if (Number(first) >= total) return [416, toXml('InvalidRange'), { 'content-range': `bytes */${total}` }];
  const end = Math.min(Number(last), total - 1);
  const body = bytes.subarray(Number(first), end + 1);
  return [
    206,
    body,
    {
      ...headers,
      'content-range': `bytes ${first}-${end}/${total}`,
      'content-length': String(body.length),
    },
  ];
}

/** An error of S3's. */
export function toXml(code: string, message = code): string {
  return `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}
