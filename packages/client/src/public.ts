// What `@sluice/client` is to those who install it: no more, and nothing that needs Node's types.
export type { Checksum, ChecksumAlgorithm } from '@sluice/contract/checksum';
export type { Encoding } from '@sluice/contract/encoding';
export type { CounterUsage, QuotaLimits, Usage } from '@sluice/contract/quota';
export type { RefusalCode } from '@sluice/contract/refusals';
export { isSettled, type State } from '@sluice/contract/state';
export type { Owner, Readers, Transport } from '@sluice/contract/upload';
export type { RejectReason } from '@sluice/contract/verdict';
export type { ApiOptions, Credentials, TokenSource } from './api.ts';
export { type BatchClient, createBatchClient } from './batch.ts';
export { type Abortable, type Client, createClient, type UploadRequest } from './client.ts';
export type { Declared, Progress } from './declaration.ts';
export {
  NetworkError,
  NotSettledError,
  ProblemError,
  SluiceError,
  SourceError,
  StorageError,
  UnauthorizedError,
  UnexpectedAnswerError,
} from './errors.ts';
export { fileUrl } from './file-url.ts';
export type { Delivery, FileSource, Receipt, Send, Source } from './platform.ts';
export type { Problem } from './problem.ts';
export type {
  ArrivedPart,
  ArrivedParts,
  CompactParts,
  Download,
  DownloadResult,
  MultipartGrant,
  NamedPolicy,
  PolicyList,
  PostGrant,
  PutGrant,
  RequestedUpload,
  Upload,
  UploadPage,
} from './resource.ts';
export type { RetryPolicy } from './retry.ts';
export type { Timing } from './timing.ts';
export type { Unfinished, UnfinishedStore } from './unfinished.ts';
export { createUploader, type Uploader, type UploaderOptions, type UploadOptions } from './uploader.ts';
export type { WaitOptions } from './wait.ts';
export { rememberIn } from './web-storage.ts';
