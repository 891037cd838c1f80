import { ConnectionError } from './connection-error.ts';

/**
 * The answer began but could not be read or understood (boto3: `ResponseStreamingError`). For a GET, ask again for the missing
 * range.
 */
export class ResponseStreamingError extends ConnectionError {
  override readonly name = 'ResponseStreamingError';
  override readonly code = 'response-streaming';
  override readonly retryable = true;
}
