import { createScannedObjects } from '../aws/scanned-object.ts';
import type { Environment } from '../settings.ts';
import { s3 } from './clients.ts';

/** Opens the objects that scanners are asked about, in the buckets of incoming and accepted files. */
export function scannedObjects(environment: Environment) {
  const buckets = [environment.text('INCOMING_BUCKET'), environment.text('STORE_BUCKET')];
  return createScannedObjects(environment.once(s3), buckets);
}
