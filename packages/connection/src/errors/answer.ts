import { ConnectionError } from './connection-error.ts';

// An answer began, and what came is not what was announced.

/**
 * The answer began but could not be read or understood (boto3: `ResponseStreamingError`). For a GET, ask
 * again for the missing range.
 */
export class ResponseStreamingError extends ConnectionError {
  override readonly name = 'ResponseStreamingError';
  override readonly code = 'response-streaming';
  override readonly retryable = true;
}

/**
 * The body ended before its announced length (boto3: `IncompleteReadError`). Ask again for the missing range.
 */
export class IncompleteReadError extends ConnectionError {
  override readonly name = 'IncompleteReadError';
  override readonly code = 'incomplete-read';
  override readonly retryable = true;
}

/**
 * All bytes came, and their checksum is not the one the service recorded (boto3: `FlexibleChecksumError`).
 * What was read must be thrown away.
 */
export class ChecksumMismatchError extends ConnectionError {
  override readonly name = 'ChecksumMismatchError';
  override readonly code = 'checksum-mismatch';
  override readonly retryable = true;
}
