import { ConnectionError } from './connection-error.ts';

/** The caller's abort signal fired. Nobody waits for the answer any more, so nothing repeats it. */
export class AbortedError extends ConnectionError {
  override readonly name = 'AbortedError';
  override readonly code = 'aborted';
  override readonly retryable = false;
}
