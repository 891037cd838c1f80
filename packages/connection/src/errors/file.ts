import { ConnectionError } from './connection-error.ts';

// The disk of this machine, on either end of a transfer.

/**
 * A file or folder is missing, may not be used, is of another kind, or the disk is full (boto3: `OSError`).
 */
export class FileError extends ConnectionError {
  override readonly name = 'FileError';
  override readonly code = 'file';
  override readonly retryable = false;
}
