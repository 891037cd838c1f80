import { ConnectionError } from './connection-error.ts';

/**
 * The proxy answered and said no: 407 wants other credentials, 403 forbids the host (boto3: `ProxyConnectionError`).
 */
export class ProxyRefusedError extends ConnectionError {
  override readonly name = 'ProxyRefusedError';
  override readonly code = 'proxy-refused';
  override readonly retryable = false;
}
