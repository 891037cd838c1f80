import { ConnectionError } from './connection-error.ts';

/**
 * No answer within `readTimeoutMs`, or silence in mid-answer for `idleTimeoutMs` (boto3: `ReadTimeoutError`). A write may have
 * happened.
 */
export class ReadTimeoutError extends ConnectionError {
  override readonly name = 'ReadTimeoutError';
  override readonly code = 'read-timeout';
  override readonly retryable = true;
}
