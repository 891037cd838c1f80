import { ConnectionError } from './connection-error.ts';

/**
 * The credentials are unknown, their signature is wrong, or they may not do this (boto3: `ClientError` 403). A HEAD has no body, so
 * S3 cannot say which; it also answers 403 for a missing key when the caller may not list the bucket.
 */
export class AccessDeniedError extends ConnectionError {
  override readonly name = 'AccessDeniedError';
  override readonly code = 'access-denied';
  override readonly retryable = false;
}
