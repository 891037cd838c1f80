/** An ETag without its quotes: S3 sends it with them, other stores and many clients do not, and all mean the same. */
export function bareETag(etag: string): string {
  return etag.replace(/^"(.*)"$/s, '$1');
}
