import { ConnectionError } from './connection-error.ts';

/**
 * Nothing accepted the connection: refused, no route, or the name server did not answer (boto3: `EndpointConnectionError`).
 * The request was never sent, so repeating it is safe.
 */
export class EndpointConnectionError extends ConnectionError {
  override readonly name = 'EndpointConnectionError';
  override readonly code = 'endpoint-unreachable';
  override readonly retryable = true;
}
