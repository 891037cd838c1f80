/** The HTTP status of an SDK error. HEAD has no body, so nothing else distinguishes its errors. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

/** S3's own code of an SDK error, such as `NoSuchUpload`. */
export function nameOf(error: unknown): string | undefined {
  return (error as { name?: string }).name;
}
