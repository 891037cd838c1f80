import { ConnectionError } from './connection-error.ts';

/** Nothing the taxonomy knows: most likely a bug on this side. `cause` is the whole story. */
export class UnexpectedError extends ConnectionError {
  override readonly name = 'UnexpectedError';
  override readonly code = 'unexpected';
  override readonly retryable = false;
}
