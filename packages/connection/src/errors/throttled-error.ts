import { ConnectionError } from './connection-error.ts';

/**
 * The service asked for fewer calls (`SlowDown`, `ThrottlingException`, status 429, …). Repeat later, with jitter.
 */
export class ThrottledError extends ConnectionError {
  override readonly name = 'ThrottledError';
  override readonly code = 'throttled';
  override readonly retryable = true;
}
