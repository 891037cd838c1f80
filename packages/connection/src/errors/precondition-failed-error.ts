import { ConnectionError } from './connection-error.ts';

/**
 * An `If-Match`, `If-None-Match` or DynamoDB condition did not hold. After a lost reply it may have been our own earlier write
 * that broke it: compare what is stored before calling it a lost race.
 */
export class PreconditionFailedError extends ConnectionError {
  override readonly name = 'PreconditionFailedError';
  override readonly code = 'precondition-failed';
  override readonly retryable = false;
}
