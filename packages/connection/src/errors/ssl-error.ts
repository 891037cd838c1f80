import { ConnectionError } from './connection-error.ts';

/**
 * The server's certificate is not trusted, not for this host or expired, or the handshake failed (boto3: `SSLError`). Never
 * retried: a repeat would only give an attacker another chance.
 */
export class SSLError extends ConnectionError {
  override readonly name = 'SSLError';
  override readonly code = 'tls';
  override readonly retryable = false;
}
