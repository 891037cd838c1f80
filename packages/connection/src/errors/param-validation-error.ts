import { ConnectionError } from './connection-error.ts';

/** A parameter is missing or out of bounds; found before anything was sent (boto3: `ParamValidationError`). */
export class ParamValidationError extends ConnectionError {
  override readonly name = 'ParamValidationError';
  override readonly code = 'invalid-parameter';
  override readonly retryable = false;
}
