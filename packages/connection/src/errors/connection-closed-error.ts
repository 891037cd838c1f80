import { ConnectionError } from './connection-error.ts';

/**
 * The other side closed the connection before it answered (boto3: `ConnectionClosedError`). A write may have happened.
 */
export class ConnectionClosedError extends ConnectionError {
  override readonly name = 'ConnectionClosedError';
  override readonly code = 'connection-closed';
  override readonly retryable = true;
}
