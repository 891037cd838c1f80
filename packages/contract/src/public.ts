// What `@sluice/contract` is to those who install it. Names are the modules' own, so that a search finds
// both.
export { BATCH_MAX_UPLOADS } from './batch.ts';
export { type Caller, type Grantee, SCOPES, type Scope, type Service, type User } from './caller.ts';
export {
  CHECKSUM_ALGORITHMS,
  type Checksum,
  type ChecksumAlgorithm,
  isChecksumValue,
  toChecksum,
} from './checksum.ts';
export {
  type ContentType,
  extensionOf,
  extensionsOf,
  familyOf,
  isContentType,
  isKnownType,
  isUtf8Only,
  normaliseContentType,
  toDeclaredType,
  toServedType,
  typeByExtension,
} from './content-types.ts';
export { type Charset, type Encoding, toEncoding } from './encoding.ts';
export { EVENT_TYPES, type EventData, type EventType, type UploadEvent } from './event.ts';
export { flawOfExtension, flawOfName, type NameFlaw, toFilename, toServedName } from './filename.ts';
export { defineTypes, learnTypes, type OwnFile, type OwnType } from './own-types.ts';
export {
  LEAST_PART_BYTES,
  MAX_PARTS,
  MULTIPART_MAX_BYTES,
  type PartPlan,
  partBytes,
  planParts,
  planUppyParts,
  SINGLE_UPLOAD_MAX_BYTES,
} from './part-plan.ts';
export type { InspectionRules, PolicyRules, ReaderRules } from './policy-rules.ts';
export {
  COUNTERS,
  type Counter,
  type CounterUsage,
  type QuotaLimits,
  type QuotaRules,
  type Usage,
} from './quota.ts';
export { REFUSALS, Refusal, type RefusalCode, type RefusalExtras } from './refusals.ts';
export {
  type Inspection,
  SCAN_OUTCOMES,
  SCANNERS,
  type Scan,
  type ScannedObject,
  type Scanner,
  type ScanOutcome,
  type ScanRequest,
  type ScanResult,
  type Scans,
} from './scan.ts';
export type { ConsoleConfig, SignIn } from './sign-in.ts';
export { isMove, isSettled, isWaiting, STATES, type State } from './state.ts';
export type { Family } from './type-table.ts';
export {
  type Declaration,
  type Evidence,
  type MultipartUpload,
  type Owner,
  READERS,
  type Readers,
  TRANSPORTS,
  type Transport,
  type Upload,
} from './upload.ts';
export { REJECT_REASONS, type RejectReason, type Verdict } from './verdict.ts';
