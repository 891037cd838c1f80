import { ConnectionError } from './connection-error.ts';

/**
 * The service understood the call and refused it for a reason no other class names (boto3: `ClientError`); `serviceCode` says which.
 */
export class ServiceError extends ConnectionError {
  override readonly name = 'ServiceError';
  override readonly code = 'service-refused';
  override readonly retryable = false;
}
