/** An ETag without its quotes: S3 sends it with them, other stores and many clients do not, and all mean the same. */
export const bareETag = (etag: string): string => etag.replace(/^"(.*)"$/s, '$1');
