import { readSockets } from '@sluice/connection/clients/wire';
import { createCloudFrontAddresses } from '../aws/cloudfront-addresses.ts';
import { lazyForgetCopies } from '../aws/lazy-forget-copies.ts';
import { lazyMultipart } from '../aws/lazy-multipart.ts';
import { createMultipart } from '../aws/multipart.ts';
import { createObjects } from '../aws/objects.ts';
import { openStores } from '../aws/open-stores.ts';
import { createSecretReader } from '../aws/secret.ts';
import { createDownloadSigner, createPartSigner, createUploadSigner } from '../aws/signers.ts';
import { logger } from '../log/logger.ts';
import type { Environment } from '../settings.ts';
import type { Place } from '../upload/ports.ts';
import { s3 } from './clients.ts';

const BUCKETS = {
  incoming: 'INCOMING_BUCKET',
  store: 'STORE_BUCKET',
  quarantine: 'QUARANTINE_BUCKET',
} as const satisfies Record<Place, string>;

/** The objects of some buckets: of those that the function's role may touch. */
export function objectsIn(...places: readonly Place[]) {
  return (environment: Environment) =>
    createObjects(
      environment.once(s3),
      Object.fromEntries(places.map((place) => [place, environment.text(BUCKETS[place])])),
    );
}

/** The name of the bucket that uploads go to. */
export function incomingBucket(environment: Environment) {
  return environment.text('INCOMING_BUCKET');
}

/** The name of the bucket of accepted files. */
export function storeBucket(environment: Environment) {
  return environment.text('STORE_BUCKET');
}

/** Multipart uploads in the incoming bucket. */
export function multipart(environment: Environment) {
  return createMultipart(environment.once(s3), incomingBucket(environment));
}

/** The same, for a function that seldom needs it. */
export function multipartWhenNeeded(environment: Environment) {
  return lazyMultipart(environment.once(openStores), incomingBucket(environment));
}

/** Has the keys at hand that the signers sign with. */
export function ready(environment: Environment) {
  return environment.once(openStores).keys.ready;
}

/** Signs for whole objects. */
export function uploadSigner(environment: Environment) {
  return createUploadSigner(environment.once(openStores), incomingBucket(environment));
}

/** Signs for parts. */
export function partSigner(environment: Environment) {
  return createPartSigner(environment.once(openStores), incomingBucket(environment));
}

/** Signs for accepted files: at CloudFront where that stands before the store. */
export function downloadSigner(environment: Environment) {
  const origin = environment.optional('FILES_ORIGIN');
  if (origin === undefined) {
    return createDownloadSigner(environment.once(openStores), environment.text('STORE_BUCKET'));
  }
  const secret = environment.text('FILES_KEY_SECRET');
  return createCloudFrontAddresses({
    origin,
    read: createSecretReader(environment.connection(), secret, 'the secret of CloudFront’s key'),
    now: Date.now,
    onFailure: (error) => logger.warn('key of the files not read', { error }),
  });
}

/** Undefined where nothing stands before the store. */
export function forgetCopies(environment: Environment) {
  const distribution = environment.optional('FILES_DISTRIBUTION');
  return distribution === undefined ? undefined : lazyForgetCopies(environment.connection(), distribution);
}

/** What the sockets to S3 have done so far. */
export function sockets(environment: Environment) {
  const client = environment.once(s3);
  return () => readSockets(client);
}
