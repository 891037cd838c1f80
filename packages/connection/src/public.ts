// What `@sluice/connection` is to those who install it. It needs the SDK's client of S3 and no other; what
// needs another one, or is of use without any, has an entry of its own beside this file.
export {
  type BucketSigner,
  createBucketSigner,
  expiresAtOf,
  type GetGrant,
  type PartGrant,
  type PostGrant,
  type PresignedForm,
  type PutGrant,
} from './access/presign.ts';
export { adviceFor } from './advice.ts';
export { classify } from './classify.ts';
export type { CallLogger, CallRecord } from './clients/call-log.ts';
export type { ClientExtras } from './clients/options.ts';
export { createS3Client } from './clients/s3.ts';
export { readSockets } from './clients/wire.ts';
export { ConnectionError, type Failure } from './errors/connection-error.ts';
export type { SocketCounts } from './pool.ts';
export { type ClientFactory, createSession, type Session, type SessionSources } from './session.ts';
export { type ExplainedSetting, explain } from './settings/explain.ts';
export { inspectSettings, type LoadSources, loadSettings } from './settings/load.ts';
export { availablePartitions, availableRegions, type Partition } from './settings/regions.ts';
export {
  type CodeSettings,
  checkSettings,
  type Environment,
  type Profile,
  resolveSettings,
  type SettingSources,
} from './settings/resolve.ts';
export { availableProfiles } from './settings/shared-file.ts';
export type { SettingName, Settings, SettingValues, Source } from './settings/values.ts';
