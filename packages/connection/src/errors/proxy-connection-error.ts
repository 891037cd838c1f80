import { ConnectionError } from './connection-error.ts';

/** The proxy could not be reached or did not open the tunnel (boto3: `ProxyConnectionError`). */
export class ProxyConnectionError extends ConnectionError {
  override readonly name = 'ProxyConnectionError';
  override readonly code = 'proxy';
  override readonly retryable = true;
}
