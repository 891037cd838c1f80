import { ChecksumMismatchError, IncompleteReadError, ResponseStreamingError } from './errors/answer.ts';
import { AbortedError, type ConnectionError, type Failure } from './errors/connection-error.ts';
import { FileError } from './errors/file.ts';
import {
  ConnectionClosedError,
  ConnectTimeoutError,
  EndpointConnectionError,
  EndpointUnknownError,
  ProxyConnectionError,
  ReadTimeoutError,
  SSLError,
} from './errors/network.ts';
import {
  AccessDeniedError,
  ClockSkewError,
  ConflictError,
  NotFoundError,
  PreconditionFailedError,
  ServiceError,
  ServiceUnavailableError,
  ThrottledError,
  WrongRegionError,
} from './errors/service.ts';
import {
  ExpiredCredentialsError,
  NoCredentialsError,
  NoRegionError,
  ParamValidationError,
  ProfileNotFoundError,
} from './errors/settings.ts';

/** A class that `classify` can make from the facts alone. */
export type ErrorClass = new (failure: Failure) => ConnectionError;

/**
 * Names that services give their errors. A name outranks the status: DynamoDB says 400 for nearly everything.
 */
export const byServiceName: ReadonlyMap<string, ErrorClass> = table([
  [
    ThrottledError,
    'Throttling ThrottlingException ThrottledException RequestThrottled RequestThrottledException TooManyRequestsException ProvisionedThroughputExceededException TransactionInProgressException TransactionConflictException RequestLimitExceeded BandwidthLimitExceeded LimitExceededException PriorRequestNotComplete SlowDown EC2ThrottledException',
  ],
  [ServiceUnavailableError, 'RequestTimeout RequestTimeoutException InternalError ServiceUnavailable'],
  [
    NotFoundError,
    'NotFound NoSuchKey NoSuchBucket NoSuchUpload NoSuchVersion ResourceNotFoundException QueueDoesNotExist',
  ],
  [
    AccessDeniedError,
    'AccessDenied AccessDeniedException InvalidAccessKeyId SignatureDoesNotMatch InvalidSignatureException UnrecognizedClientException InvalidClientTokenId InvalidToken',
  ],
  [ExpiredCredentialsError, 'ExpiredToken ExpiredTokenException TokenRefreshRequired'],
  [PreconditionFailedError, 'PreconditionFailed ConditionalCheckFailedException'],
  [ConflictError, 'ConditionalRequestConflict OperationAborted TransactionConflictException'],
  [WrongRegionError, 'PermanentRedirect AuthorizationHeaderMalformed IllegalLocationConstraintException'],
  [ChecksumMismatchError, 'BadDigest XAmzContentSHA256Mismatch XAmzContentChecksumMismatch'],
  [ClockSkewError, 'RequestTimeTooSkewed RequestExpired RequestInTheFuture'],
  // Of status 403, though no permission would help: the object is in an archive.
  [ServiceError, 'InvalidObjectState'],
]);

/**
 * Statuses, for the answers whose name says nothing: a HEAD has no body, so the SDK calls its 400, 403 and
 * 301 `Unknown`.
 */
export const byStatus: ReadonlyMap<number, ErrorClass> = new Map<number, ErrorClass>([
  [301, WrongRegionError],
  [401, AccessDeniedError],
  [403, AccessDeniedError],
  [404, NotFoundError],
  [412, PreconditionFailedError],
  [429, ThrottledError],
  [500, ServiceUnavailableError],
  [502, ServiceUnavailableError],
  [503, ServiceUnavailableError],
  // Never to be implemented by waiting.
  [501, ServiceError],
  [504, ServiceUnavailableError],
]);

/** Codes of Node's sockets, name look-ups, agents and streams. */
export const byNodeCode: ReadonlyMap<string, ErrorClass> = table([
  [EndpointConnectionError, 'ECONNREFUSED EAI_AGAIN EHOSTUNREACH ENETUNREACH'],
  [EndpointUnknownError, 'ENOTFOUND'],
  [ConnectionClosedError, 'ECONNRESET EPIPE'],
  [IncompleteReadError, 'ERR_STREAM_PREMATURE_CLOSE HPE_INVALID_EOF_STATE'],
  [ResponseStreamingError, 'HPE_INVALID_CONSTANT HPE_INVALID_CHUNK_SIZE Z_DATA_ERROR'],
  [ParamValidationError, 'ERR_INVALID_CHAR ERR_INVALID_HTTP_TOKEN ERR_UNESCAPED_CHARACTERS'],
  [SSLError, 'EPROTO DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN HOSTNAME_MISMATCH INVALID_CA'],
]);

/** What a call to the disk fails with. Sockets share some of the codes, and none of the calls. */
export const byFileCode: ReadonlyMap<string, ErrorClass> = table([
  [
    FileError,
    'ENOENT EACCES EPERM EISDIR ENOTDIR EEXIST ENOSPC EDQUOT EROFS EFBIG EIO ELOOP ENAMETOOLONG EMFILE ENFILE EBUSY ETXTBSY EXDEV ENODEV ENXIO',
  ],
]);
export const FILE_CALL =
  /^(open|read|write|writev|stat|lstat|fstat|ftruncate|rename|mkdir|unlink|scandir|copyfile|rm|realpath)$/;

/** Families of codes: OpenSSL's verification errors and Node's TLS errors are too many to name. */
export const byNodeCodePrefix: readonly (readonly [RegExp, ErrorClass])[] = [
  [/^(CERT_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|UNABLE_TO_|CRL_)/, SSLError],
  [/^ERR_PROXY_/, ProxyConnectionError],
];

/** The last resort, for errors that the SDK and Node distinguish by words alone. */
export const byMessage: readonly (readonly [RegExp, ErrorClass])[] = [
  [/did not establish a connection/, ConnectTimeoutError],
  [/requestTimeout|of inactivity/, ReadTimeoutError],
  [/^Checksum mismatch/, ChecksumMismatchError],
  [/^The checksum algorithm .* is not supported by the client/, ServiceError],
  [/^(Connection lost or stream closed before all data|aborted$)/, IncompleteReadError],
  [/^Region is missing/, NoRegionError],
  [/using profile/, ProfileNotFoundError],
  [/^(No|Empty) value provided for input HTTP label/, ParamValidationError],
];

/** Names of errors that never left this process. */
export const byLocalName: ReadonlyMap<string, ErrorClass> = table([
  [AbortedError, 'AbortError'],
  [NoCredentialsError, 'CredentialsProviderError TokenProviderError'],
  [ParamValidationError, 'InvalidBucketName'],
  [ReadTimeoutError, 'TimeoutError'],
]);

function table(rows: readonly (readonly [ErrorClass, string])[]): ReadonlyMap<string, ErrorClass> {
  return new Map(rows.flatMap(([Class, names]) => names.split(' ').map((name) => [name, Class] as const)));
}
