import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { NotFound, S3ServiceException } from '@aws-sdk/client-s3';
import { classify } from '@sluice/connection/classify';
import { ConnectionError } from '@sluice/connection/errors/connection-error';
import { ThrottledError } from '@sluice/connection/errors/service';
import { describe, expect, test } from 'vitest';

type Answer = {
  readonly name: string;
  readonly status: number;
};

function answered({ name, status }: Answer) {
  return new S3ServiceException({
    name,
    $fault: 'client',
    message: `${name} it is`,
    $metadata: { httpStatusCode: status, requestId: 'REQ1' },
  });
}

function socketError(facts: object) {
  return Object.assign(new Error('connect E'), facts);
}

const throttling = [
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'TooManyRequestsException',
  'ProvisionedThroughputExceededException',
  'TransactionInProgressException',
  'RequestLimitExceeded',
  'BandwidthLimitExceeded',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'SlowDown',
  'EC2ThrottledException',
];

describe('classify, for answers of a service', () => {
  test.each(throttling)('calls %s throttled and retryable, with any status', (name) => {
    for (const status of [400, 503]) {
      const known = classify(answered({ name, status }));
      expect(known).toMatchObject({ name: 'ThrottledError', retryable: true, httpStatus: status });
    }
  });

  test.each([
    ['Unknown', 301, 'WrongRegionError', false],
    ['Unknown', 400, 'ServiceError', false],
    ['Unknown', 401, 'AccessDeniedError', false],
    ['Unknown', 403, 'AccessDeniedError', false],
    ['NotFound', 404, 'NotFoundError', false],
    ['Unknown', 412, 'PreconditionFailedError', false],
    ['Unknown', 429, 'ThrottledError', true],
    ['Unknown', 500, 'ServiceUnavailableError', true],
    ['Unknown', 502, 'ServiceUnavailableError', true],
    ['Unknown', 503, 'ServiceUnavailableError', true],
    ['Unknown', 504, 'ServiceUnavailableError', true],
    ['Unknown', 507, 'ServiceUnavailableError', true],
    ['RequestTimeout', 400, 'ServiceUnavailableError', true],
    ['NoSuchKey', 404, 'NotFoundError', false],
    ['NoSuchUpload', 404, 'NotFoundError', false],
    ['ResourceNotFoundException', 400, 'NotFoundError', false],
    ['QueueDoesNotExist', 400, 'NotFoundError', false],
    ['AccessDenied', 403, 'AccessDeniedError', false],
    ['InvalidAccessKeyId', 403, 'AccessDeniedError', false],
    ['SignatureDoesNotMatch', 403, 'AccessDeniedError', false],
    ['UnrecognizedClientException', 400, 'AccessDeniedError', false],
    ['ExpiredToken', 400, 'ExpiredCredentialsError', false],
    ['PreconditionFailed', 412, 'PreconditionFailedError', false],
    ['ConditionalRequestConflict', 409, 'ConflictError', true],
    ['BucketNotEmpty', 409, 'ServiceError', false],
    ['PermanentRedirect', 301, 'WrongRegionError', false],
    ['AuthorizationHeaderMalformed', 400, 'WrongRegionError', false],
    ['RequestTimeTooSkewed', 403, 'ClockSkewError', false],
    ['EntityTooLarge', 400, 'ServiceError', false],
    ['InvalidBucketName', 400, 'ServiceError', false],
  ] as const)('places %s with status %i as %s', (name, status, expected, retryable) => {
    expect(classify(answered({ name, status }))).toMatchObject({
      name: expected,
      retryable,
      httpStatus: status,
      requestId: 'REQ1',
      serviceCode: name,
    });
  });

  test('knows the SDK exception classes as well as their names', () => {
    const $metadata = { httpStatusCode: 400 };
    expect(classify(new ConditionalCheckFailedException({ message: '', $metadata })).code).toBe(
      'precondition-failed',
    );
    expect(classify(new NotFound({ message: '', $metadata: {} })).code).toBe('not-found');
  });

  test('calls a success whose body could not be parsed a streaming error, never a success', () => {
    const unparsed = Object.assign(new SyntaxError('Unexpected end of XML'), {
      $metadata: { httpStatusCode: 200 },
    });
    expect(classify(unparsed)).toMatchObject({ code: 'response-streaming', retryable: true });
  });
});

describe('classify, for failures without an answer', () => {
  test.each([
    [{ code: 'ECONNREFUSED', syscall: 'connect' }, 'EndpointConnectionError', true],
    [{ code: 'EAI_AGAIN', syscall: 'getaddrinfo' }, 'EndpointConnectionError', true],
    [{ code: 'EHOSTUNREACH' }, 'EndpointConnectionError', true],
    [{ code: 'ENETUNREACH' }, 'EndpointConnectionError', true],
    [{ code: 'ENOTFOUND', syscall: 'getaddrinfo' }, 'EndpointUnknownError', false],
    [{ name: 'TimeoutError', code: 'ECONNRESET' }, 'ConnectionClosedError', true],
    [{ name: 'TimeoutError', code: 'EPIPE' }, 'ConnectionClosedError', true],
    [{ name: 'TimeoutError', code: 'ETIMEDOUT', syscall: 'connect' }, 'ConnectTimeoutError', true],
    [{ name: 'TimeoutError', code: 'ETIMEDOUT', syscall: 'read' }, 'ReadTimeoutError', true],
    [{ name: 'TimeoutError' }, 'ReadTimeoutError', true],
    [{ code: 'ERR_STREAM_PREMATURE_CLOSE' }, 'IncompleteReadError', true],
    [{ code: 'ECONNRESET', message: 'aborted' }, 'IncompleteReadError', true],
    [{ code: 'HPE_INVALID_CONSTANT' }, 'ResponseStreamingError', true],
    [{ code: 'CERT_HAS_EXPIRED' }, 'SSLError', false],
    [{ code: 'CERT_NOT_YET_VALID' }, 'SSLError', false],
    [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'SSLError', false],
    [{ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'SSLError', false],
    [{ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, 'SSLError', false],
    [{ code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' }, 'SSLError', false],
    [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'SSLError', false],
    [{ code: 'ERR_SSL_WRONG_VERSION_NUMBER' }, 'SSLError', false],
    [{ code: 'EPROTO' }, 'SSLError', false],
    [{ code: 'ERR_PROXY_TUNNEL' }, 'ProxyConnectionError', true],
    [{ code: 'ERR_PROXY_TUNNEL', statusCode: 407 }, 'ProxyRefusedError', false],
    [{ code: 'ERR_PROXY_TUNNEL', statusCode: 403 }, 'ProxyRefusedError', false],
    [{ code: 'ERR_PROXY_TUNNEL', statusCode: 502 }, 'ProxyConnectionError', true],
    [{ code: 'ECONNREFUSED', proxied: true }, 'ProxyConnectionError', true],
    [{ message: 'Checksum mismatch: expected "a" but received "b"' }, 'ChecksumMismatchError', true],
    [
      { message: 'Connection lost or stream closed before all data was received.' },
      'IncompleteReadError',
      true,
    ],
    [{ name: 'CredentialsProviderError' }, 'NoCredentialsError', false],
    [
      { name: 'CredentialsProviderError', message: 'Could not resolve credentials using profile: [x]' },
      'ProfileNotFoundError',
      false,
    ],
    [{ message: 'Region is missing' }, 'NoRegionError', false],
    [{ message: 'No value provided for input HTTP label: Key.' }, 'ParamValidationError', false],
    [{ name: 'InvalidBucketName' }, 'ParamValidationError', false],
    [{ name: 'AbortError' }, 'AbortedError', false],
    [{ name: 'AbortError', code: 'ECONNRESET' }, 'AbortedError', false],
    [{ name: 'TypeError' }, 'UnexpectedError', false],
  ] as const)('places %j as %s', (facts, expected, retryable) => {
    const thrown = socketError(facts);
    const known = classify(thrown);
    expect(known).toMatchObject({ name: expected, retryable, httpStatus: undefined, requestId: undefined });
    expect(known.cause).toBe(thrown);
  });

  test('looks through wrappers to the cause that is known, and keeps the outermost as its cause', () => {
    const wrapped = new Error('transfer', {
      cause: new Error('part', { cause: answered({ name: 'SlowDown', status: 503 }) }),
    });
    const known = classify(wrapped);
    expect(known).toBeInstanceOf(ThrottledError);
    expect(known.cause).toBe(wrapped);
  });

  test.each(['a string', 7, null, undefined])('calls %j, thrown, unexpected', (thrown) => {
    expect(classify(thrown)).toMatchObject({ code: 'unexpected', retryable: false });
  });

  test('ends on an error that is its own cause', () => {
    const loop = new Error('loop');
    loop.cause = loop;
    expect(classify(loop).code).toBe('unexpected');
  });

  test('says so when an answer had no body, in place of the word of the SDK for it', () => {
    const error = { name: 'Unknown', message: 'UnknownError', $metadata: { httpStatusCode: 403 } };
    expect(classify(error)).toMatchObject({ code: 'access-denied', message: 'answered 403 and no more' });
  });

  test('returns an error that has its place already unchanged', () => {
    const known = new ThrottledError({ message: 'later' });
    expect(classify(known)).toBe(known);
    expect(classify(new Error('outer', { cause: known }))).toBe(known);
    expect(known).toBeInstanceOf(ConnectionError);
  });
});
