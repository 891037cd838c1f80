// `@sluice/connection/buckets`: buckets, and what is in them.
export { ASPECTS, type Aspect } from './buckets/aspect-names.ts';
export type { WantedConfiguration } from './buckets/complete.ts';
export { type BucketConfiguration, configureBucket } from './buckets/configure.ts';
export { type CreatedBucket, createBucket, type NewBucket } from './buckets/create.ts';
export { type BucketDescription, describeBucket } from './buckets/describe.ts';
export { deleteBucket, type EmptyRequest, emptyBucket } from './buckets/empty.ts';
export { type ListedBucket, listBuckets } from './buckets/list.ts';
export { deleteObjects, type Listed, type ListRequest, listObjects } from './buckets/objects.ts';
export {
  allowRead,
  allowWrite,
  bucketArn,
  type Permission,
  type Statement,
  tlsOnly,
  toPolicy,
} from './buckets/policy.ts';
