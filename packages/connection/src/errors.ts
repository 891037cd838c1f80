// `@sluice/connection/errors`: every failure by its class, and what to do about it. It imports nothing of the
// SDK.
export { adviceFor } from './advice.ts';
export { classify } from './classify.ts';
export { ChecksumMismatchError, IncompleteReadError, ResponseStreamingError } from './errors/answer.ts';
export { AbortedError, ConnectionError, type Failure, UnexpectedError } from './errors/connection-error.ts';
export { FileError } from './errors/file.ts';
export {
  ConnectionClosedError,
  ConnectTimeoutError,
  EndpointConnectionError,
  EndpointUnknownError,
  ProxyConnectionError,
  ProxyRefusedError,
  ReadTimeoutError,
  SSLError,
} from './errors/network.ts';
export {
  BucketSetupError,
  type ExhaustedRange,
  type FailedAspect,
  type FailedSetup,
  type FailedUpload,
  RetriesExceededError,
  UploadFailedError,
} from './errors/operation.ts';
export {
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
export {
  ExpiredCredentialsError,
  NoCredentialsError,
  NoRegionError,
  ParamValidationError,
  ProfileNotFoundError,
  SettingError,
  type SettingFault,
} from './errors/settings.ts';
