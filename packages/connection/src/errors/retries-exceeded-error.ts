import { ConnectionError } from './connection-error.ts';

/** Which range could not be read, after how many tries. */
export type ExhaustedRange = {
  readonly bucket: string;
  readonly key: string;
  /** Inclusive, as in a `Range` header. */
  readonly range: { readonly first: number; readonly last: number };
  readonly attempts: number;
  readonly cause: ConnectionError;
};

/** A range of a download failed as often as it may (boto3: `RetriesExceededError`). What was written so far can be resumed. */
export class RetriesExceededError extends ConnectionError {
  override readonly name = 'RetriesExceededError';
  override readonly code = 'retries-exceeded';
  override readonly retryable = true;
  readonly bucket: string;
  readonly key: string;
  readonly range: ExhaustedRange['range'];
  readonly attempts: number;

  constructor({ bucket, key, range, attempts, cause }: ExhaustedRange) {
    const { httpStatus, requestId, serviceCode } = cause;
    super({
      message: `s3://${bucket}/${key} bytes ${range.first}-${range.last}: ${attempts} attempts failed: ${cause.message}`,
      cause,
      httpStatus,
      requestId,
      serviceCode,
    });
    this.bucket = bucket;
    this.key = key;
    this.range = range;
    this.attempts = attempts;
  }
}
