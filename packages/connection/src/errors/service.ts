import { ConnectionError } from './connection-error.ts';

// The service answered, and the answer is no.

/**
 * The credentials are unknown, their signature is wrong, or they may not do this (boto3: `ClientError` 403).
 * A HEAD has no body, so S3 cannot say which; it also answers 403 for a missing key when the caller may not
 * list the bucket.
 */
export class AccessDeniedError extends ConnectionError {
  override readonly name = 'AccessDeniedError';
  override readonly code = 'access-denied';
  override readonly retryable = false;
}

/**
 * The bucket, key, upload, queue or table is not there (boto3: `ClientError` 404, `NoSuchKey`,
 * `NoSuchBucket`).
 */
export class NotFoundError extends ConnectionError {
  override readonly name = 'NotFoundError';
  override readonly code = 'not-found';
  override readonly retryable = false;
}

/**
 * The bucket lives in another region than the client was made for (301, or a signature for the wrong region).
 */
export class WrongRegionError extends ConnectionError {
  override readonly name = 'WrongRegionError';
  override readonly code = 'wrong-region';
  override readonly retryable = false;
}

/**
 * An `If-Match`, `If-None-Match` or DynamoDB condition did not hold. After a lost reply it may have been our
 * own earlier write that broke it: compare what is stored before calling it a lost race.
 */
export class PreconditionFailedError extends ConnectionError {
  override readonly name = 'PreconditionFailedError';
  override readonly code = 'precondition-failed';
  override readonly retryable = false;
}

/**
 * Another write to the same key or item was in flight; nothing was decided, so the call may be repeated. Not
 * the same as `PreconditionFailedError`, where the other write has won.
 */
export class ConflictError extends ConnectionError {
  override readonly name = 'ConflictError';
  override readonly code = 'conflict';
  override readonly retryable = true;
}

/**
 * The service asked for fewer calls (`SlowDown`, `ThrottlingException`, status 429, …). Repeat later, with
 * jitter.
 */
export class ThrottledError extends ConnectionError {
  override readonly name = 'ThrottledError';
  override readonly code = 'throttled';
  override readonly retryable = true;
}

/**
 * This machine's clock is too far from the service's (15 minutes for S3). The SDK corrects its clock and
 * tries again by itself, so seeing this means that the correction did not help either.
 */
export class ClockSkewError extends ConnectionError {
  override readonly name = 'ClockSkewError';
  override readonly code = 'clock-skew';
  override readonly retryable = false;
}

/**
 * The service failed (500, 502, 503, 504), or gave up waiting for our bytes (`RequestTimeout`). Includes the
 * 200 whose body is an error, which `CopyObject` and `CompleteMultipartUpload` may send: never a success.
 */
export class ServiceUnavailableError extends ConnectionError {
  override readonly name = 'ServiceUnavailableError';
  override readonly code = 'service-unavailable';
  override readonly retryable = true;
}

/**
 * The service understood the call and refused it for a reason no other class names (boto3: `ClientError`);
 * `serviceCode` says which.
 */
export class ServiceError extends ConnectionError {
  override readonly name = 'ServiceError';
  override readonly code = 'service-refused';
  override readonly retryable = false;
}
