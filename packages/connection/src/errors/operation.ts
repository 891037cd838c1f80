import { ConnectionError } from './connection-error.ts';

// What takes several calls did not come to its end: which part, and how to go on.

/** Which upload failed, and how to take it up again. */
export type FailedUpload = {
  readonly bucket: string;
  readonly key: string;
  /** Set when parts may have arrived: pass it to `uploadFile` as `resume`, or abort it. */
  readonly uploadId: string | undefined;
  readonly cause: ConnectionError;
};

/**
 * An upload ended without its object (boto3: `S3UploadFailedError`). Its verdict on retrying is that of its
 * cause.
 */
export class UploadFailedError extends ConnectionError {
  override readonly name = 'UploadFailedError';
  override readonly code = 'upload-failed';
  override readonly retryable: boolean;
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string | undefined;

  constructor({ bucket, key, uploadId, cause }: FailedUpload) {
    const { httpStatus, requestId, serviceCode, retryAfterMs } = cause;
    super({
      message: `upload of s3://${bucket}/${key} failed: ${cause.message}`,
      cause,
      httpStatus,
      requestId,
      serviceCode,
      retryAfterMs,
    });
    this.retryable = cause.retryable;
    this.bucket = bucket;
    this.key = key;
    this.uploadId = uploadId;
  }
}

/** Which range could not be read, after how many tries. */
export type ExhaustedRange = {
  /** the object, as messages name it */
  readonly shown: string;
  readonly bucket?: string;
  readonly key?: string;
  /** Inclusive, as in a `Range` header. */
  readonly range: { readonly first: number; readonly last: number };
  readonly attempts: number;
  readonly cause: ConnectionError;
};

/**
 * A range of a download failed as often as it may (boto3: `RetriesExceededError`). What was written so far
 * can be resumed.
 */
export class RetriesExceededError extends ConnectionError {
  override readonly name = 'RetriesExceededError';
  override readonly code = 'retries-exceeded';
  override readonly retryable = true;
  /** Undefined, as the key is, for an object that is known by a URL. */
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly range: ExhaustedRange['range'];
  readonly attempts: number;

  constructor({ shown, bucket, key, range, attempts, cause }: ExhaustedRange) {
    const { httpStatus, requestId, serviceCode, retryAfterMs } = cause;
    super({
      message: `${shown} bytes ${range.first}-${range.last}: ${attempts} attempts failed: ${cause.message}`,
      cause,
      httpStatus,
      requestId,
      serviceCode,
      retryAfterMs,
    });
    this.bucket = bucket;
    this.key = key;
    this.range = range;
    this.attempts = attempts;
  }
}

/** What of a bucket could not be set up, or not be read before, and why. */
export type FailedAspect = {
  readonly aspect: string;
  readonly error: ConnectionError;
};

/** How far the set-up of a bucket came. */
export type FailedSetup = {
  readonly bucket: string;
  /** At least one. */
  readonly failed: readonly [FailedAspect, ...FailedAspect[]];
  readonly done: readonly string[];
  /** What was left when there was no answer any more. */
  readonly untried: readonly string[];
};

/**
 * A bucket is there, and lacks some of what it was to have. Its verdict on retrying is that of the first
 * cause.
 */
export class BucketSetupError extends ConnectionError {
  override readonly name = 'BucketSetupError';
  override readonly code = 'bucket-setup';
  override readonly retryable: boolean;
  readonly bucket: string;
  readonly failed: readonly FailedAspect[];

  constructor({ bucket, failed, done, untried }: FailedSetup) {
    const cause = failed[0].error;
    const { httpStatus, requestId, serviceCode, retryAfterMs } = cause;
    const reasons = failed.map(({ aspect, error }) => `${aspect} failed (${error.message})`);
    const parts = [
      `s3://${bucket} is there, but not as it was to be: ${reasons.join('; ')}`,
      ...(done.length > 0 ? [`done: ${done.join(', ')}`] : []),
      ...(untried.length > 0 ? [`not tried: ${untried.join(', ')}`] : []),
    ];
    super({ message: parts.join('; '), cause, httpStatus, requestId, serviceCode, retryAfterMs });
    this.retryable = cause.retryable;
    this.bucket = bucket;
    this.failed = failed;
  }
}
