import { ConnectionError } from './connection-error.ts';

/** No source gave a region (boto3: `NoRegionError`). */
export class NoRegionError extends ConnectionError {
  override readonly name = 'NoRegionError';
  override readonly code = 'no-region';
  override readonly retryable = false;
}
