import { ConnectionError } from './connection-error.ts';

/** The bucket, key, upload, queue or table is not there (boto3: `ClientError` 404, `NoSuchKey`, `NoSuchBucket`). */
export class NotFoundError extends ConnectionError {
  override readonly name = 'NotFoundError';
  override readonly code = 'not-found';
  override readonly retryable = false;
}
