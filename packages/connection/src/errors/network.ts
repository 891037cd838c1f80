import { ConnectionError } from './connection-error.ts';

// No answer began: name, connection, TLS, proxy, silence.

/**
 * The endpoint's name does not exist (`ENOTFOUND`; boto3: `EndpointConnectionError`). A wrong region or
 * endpoint, so a repeat fails the same way; a name server that is merely silent (`EAI_AGAIN`) is an
 * `EndpointConnectionError`.
 */
export class EndpointUnknownError extends ConnectionError {
  override readonly name = 'EndpointUnknownError';
  override readonly code = 'endpoint-unknown';
  override readonly retryable = false;
}

/**
 * Nothing accepted the connection: refused, no route, or the name server did not answer (boto3:
 * `EndpointConnectionError`). The request was never sent, so repeating it is safe.
 */
export class EndpointConnectionError extends ConnectionError {
  override readonly name = 'EndpointConnectionError';
  override readonly code = 'endpoint-unreachable';
  override readonly retryable = true;
}

/**
 * No connection, TLS handshake included, within `connectTimeoutMs` (boto3: `ConnectTimeoutError`). The
 * request was never sent.
 */
export class ConnectTimeoutError extends ConnectionError {
  override readonly name = 'ConnectTimeoutError';
  override readonly code = 'connect-timeout';
  override readonly retryable = true;
}

/**
 * The server's certificate is not trusted, not for this host or expired, or the handshake failed (boto3:
 * `SSLError`). Never retried: a repeat would only give an attacker another chance.
 */
export class SSLError extends ConnectionError {
  override readonly name = 'SSLError';
  override readonly code = 'tls';
  override readonly retryable = false;
}

/** The proxy could not be reached or did not open the tunnel (boto3: `ProxyConnectionError`). */
export class ProxyConnectionError extends ConnectionError {
  override readonly name = 'ProxyConnectionError';
  override readonly code = 'proxy';
  override readonly retryable = true;
}

/**
 * The proxy answered and said no: 407 wants other credentials, 403 forbids the host (boto3:
 * `ProxyConnectionError`).
 */
export class ProxyRefusedError extends ConnectionError {
  override readonly name = 'ProxyRefusedError';
  override readonly code = 'proxy-refused';
  override readonly retryable = false;
}

/**
 * No answer within `readTimeoutMs`, or silence in mid-answer for `idleTimeoutMs` (boto3: `ReadTimeoutError`).
 * A write may have happened.
 */
export class ReadTimeoutError extends ConnectionError {
  override readonly name = 'ReadTimeoutError';
  override readonly code = 'read-timeout';
  override readonly retryable = true;
}

/**
 * The other side closed the connection before it answered (boto3: `ConnectionClosedError`). A write may have
 * happened.
 */
export class ConnectionClosedError extends ConnectionError {
  override readonly name = 'ConnectionClosedError';
  override readonly code = 'connection-closed';
  override readonly retryable = true;
}
