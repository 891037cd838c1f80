import { ConnectionError } from './connection-error.ts';

/**
 * Another write to the same key or item was in flight; nothing was decided, so the call may be repeated. Not the same as
 * `PreconditionFailedError`, where the other write has won.
 */
export class ConflictError extends ConnectionError {
  override readonly name = 'ConflictError';
  override readonly code = 'conflict';
  override readonly retryable = true;
}
