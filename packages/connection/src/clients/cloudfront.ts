import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import type { Settings } from '../settings/values.ts';
import { type ClientExtras, clientOptions, poolFor } from './options.ts';
import { wire } from './wire.ts';

/** A CloudFront client; as for `createS3Client`, one for each module, not for each call. */
export function createCloudFrontClient(settings: Settings, extras: ClientExtras = {}): CloudFrontClient {
  const pool = poolFor(settings, 'cloudfront');
  return wire(new CloudFrontClient(clientOptions(settings, 'cloudfront', extras, pool)), pool, extras);
}
