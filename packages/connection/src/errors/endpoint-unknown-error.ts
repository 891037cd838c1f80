import { ConnectionError } from './connection-error.ts';

/**
 * The endpoint's name does not exist (`ENOTFOUND`; boto3: `EndpointConnectionError`). A wrong region or endpoint, so a repeat
 * fails the same way; a name server that is merely silent (`EAI_AGAIN`) is an `EndpointConnectionError`.
 */
export class EndpointUnknownError extends ConnectionError {
  override readonly name = 'EndpointUnknownError';
  override readonly code = 'endpoint-unknown';
  override readonly retryable = false;
}
