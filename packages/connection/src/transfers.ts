// `@sluice/connection/transfers`: bytes up, down and across.
export { type Bandwidth, createBandwidth } from './transfers/bandwidth.ts';
export { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm } from './transfers/checksum-algorithms.ts';
export { type CopyRequest, type CopyResult, copyObject } from './transfers/copy.ts';
export {
  type DownloadRequest,
  type DownloadResult,
  downloadFile,
  downloadStream,
  type FileDownloadRequest,
} from './transfers/download.ts';
export type { Progress, TransferOptions } from './transfers/options.ts';
export type { RemoteObject } from './transfers/remote-object.ts';
export { findTarget, type SaveOptions, type SaveTarget, saveObject } from './transfers/save.ts';
export {
  type ObjectParams,
  type UploadRequest,
  type UploadResult,
  uploadBytes,
  uploadFile,
  uploadStream,
} from './transfers/upload.ts';
export { type ObjectUrls, openUrl, type UrlObject, type UrlObjectRequest } from './transfers/url-object.ts';
