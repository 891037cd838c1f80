import { ConnectionError } from './connection-error.ts';

/**
 * No connection, TLS handshake included, within `connectTimeoutMs` (boto3: `ConnectTimeoutError`). The request was never sent.
 */
export class ConnectTimeoutError extends ConnectionError {
  override readonly name = 'ConnectTimeoutError';
  override readonly code = 'connect-timeout';
  override readonly retryable = true;
}
