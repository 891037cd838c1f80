import { ResponseStreamingError } from '../errors/answer.ts';

/**
 * An ETag without its quotes: S3 sends it with them, Ceph and others do not, and some in between mark it as
 * weak.
 */
export function bareETag(etag: string): string {
  return etag.replace(/^(?:W\/)?"(.*)"$/s, '$1');
}

/** An ETag as a condition of HTTP names it. */
export function quotedETag(etag: string): string {
  return `"${bareETag(etag)}"`;
}

/**
 * The ETag of an answer that means nothing without one. Throws `ResponseStreamingError`, which may be tried
 * again.
 */
export function requireETag(etag: string | undefined, what: string): string {
  if (etag !== undefined && bareETag(etag) !== '') return quotedETag(etag);
  throw new ResponseStreamingError({ message: `the answer to ${what} has no ETag` });
}
