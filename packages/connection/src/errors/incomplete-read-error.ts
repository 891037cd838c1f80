import { ConnectionError } from './connection-error.ts';

/** The body ended before its announced length (boto3: `IncompleteReadError`). Ask again for the missing range. */
export class IncompleteReadError extends ConnectionError {
  override readonly name = 'IncompleteReadError';
  override readonly code = 'incomplete-read';
  override readonly retryable = true;
}
