import type { Upload } from '@sluice/contract/upload';

const UPLOADS = new WeakMap<object, Upload>();

/** The same error, which from now on is known to be about this upload. */
export function about<Thrown>(error: Thrown, upload: Upload): Thrown {
  if (typeof error === 'object' && error !== null) UPLOADS.set(error, upload);
  return error;
}

/** The upload that an error is about, if whoever threw it knew. */
export function uploadOf(error: unknown): Upload | undefined {
  return typeof error === 'object' && error !== null ? UPLOADS.get(error) : undefined;
}
