import { ConnectionError } from './connection-error.ts';

/**
 * All bytes came, and their checksum is not the one the service recorded (boto3: `FlexibleChecksumError`). What was read must be
 * thrown away.
 */
export class ChecksumMismatchError extends ConnectionError {
  override readonly name = 'ChecksumMismatchError';
  override readonly code = 'checksum-mismatch';
  override readonly retryable = true;
}
